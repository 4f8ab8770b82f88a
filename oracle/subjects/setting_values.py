"""Values of settings that libraries in process have in common."""


def true_or_false(text: str) -> bool:
    """Reads true or false."""
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"
