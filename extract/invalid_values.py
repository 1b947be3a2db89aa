"""What pydantic says of a value that cannot be used, as a sentence that a reader gets in their language."""

from collections.abc import Mapping
from typing import Any

from extract.wording import Sentence


def problem_of(error: Mapping[str, Any]) -> str:
    """The message of one of `ValidationError.errors()`; one of ours, raised as ValueError, is that itself.

    Where pydantic words a message otherwise than we know it, it stays as it is.
    """
    gaps = error.get("ctx", {})
    if error["type"] == "value_error":
        return gaps["error"].args[0] if gaps["error"].args else str(error["msg"])
    shown = {name: f"{value:g}" if isinstance(value, float) else value for name, value in gaps.items()}
    known = _sentence(error["type"], shown)
    return known if known is not None and known == error["msg"] else str(error["msg"])


def _sentence(kind: str, gaps: Mapping[str, Any]) -> Sentence | None:
    match kind:
        case "missing":
            return Sentence("Field required")
        case "string_type":
            return Sentence("Input should be a valid string")
        case "int_type":
            return Sentence("Input should be a valid integer")
        case "int_parsing":
            return Sentence("Input should be a valid integer, unable to parse string as an integer")
        case "int_from_float":
            return Sentence("Input should be a valid integer, got a number with a fractional part")
        case "float_type":
            return Sentence("Input should be a valid number")
        case "float_parsing":
            return Sentence("Input should be a valid number, unable to parse string as a number")
        case "bool_type":
            return Sentence("Input should be a valid boolean")
        case "bool_parsing":
            return Sentence("Input should be a valid boolean, unable to interpret input")
        case "dict_type":
            return Sentence("Input should be a valid dictionary")
        case "model_type":
            return Sentence("Input should be a valid dictionary or instance of {class_name}", **gaps)
        case "tuple_type":
            return Sentence("Input should be a valid tuple")
        case "path_type":
            return Sentence("Input is not a valid path")
        case "greater_than":
            return Sentence("Input should be greater than {gt}", **gaps)
        case "greater_than_equal":
            return Sentence("Input should be greater than or equal to {ge}", **gaps)
        case "less_than":
            return Sentence("Input should be less than {lt}", **gaps)
        case "less_than_equal":
            return Sentence("Input should be less than or equal to {le}", **gaps)
        case "literal_error" | "enum":
            return Sentence("Input should be {expected}", **gaps)
        case "string_pattern_mismatch":
            return Sentence("String should match pattern '{pattern}'", **gaps)
        case "string_too_long":
            return Sentence("String should have at most {max_length} characters", **gaps)
        case "too_short":
            return Sentence(
                "{field_type} should have at least {min_length} item after validation, not {actual_length}", **gaps
            )
    return None
