"""行为记录: the append-only log of everything members do. Facts enter by one door, carry numbers and never
text, and are never changed; what is known is projected from them in order."""
