"""The version of the numbers: raised whenever an equal input may give another result."""

ENGINE_VERSION = "1.5.0"
