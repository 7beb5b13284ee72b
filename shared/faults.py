"""The one kind of validation error whose message may be shown."""


class SafeValueError(ValueError):
    """A validator's refusal whose message is a fixed sentence of ours, so that it can hold no value."""
