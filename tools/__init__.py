"""The checks of ./go check, and what ./go needs inside the virtual environment: python -m tools.NAME"""
