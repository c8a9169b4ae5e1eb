"""The form of a message with attachments, by file name or media type."""

from __future__ import annotations

from qunying.connectors.incoming import Form

_ENDINGS: dict[str, Form] = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "bmp", "heic", "avif"), "image"),
    **dict.fromkeys(("mp3", "m4a", "ogg", "opus", "wav", "amr", "silk", "aac", "flac"), "audio"),
    **dict.fromkeys(("mp4", "mov", "webm", "mkv", "avi", "3gp"), "video"),
}


def form_of_name(name: str) -> Form:
    """image, audio or video by the ending, else file."""
    return _ENDINGS.get(name.rsplit(".", 1)[-1].lower(), "file")


def form_of_type(media: str) -> Form:
    """image, audio or video by the media type, else file."""
    kind = media.split("/", 1)[0]
    return kind if kind in ("image", "audio", "video") else "file"  # type: ignore[return-value]  # three of Form's
