"""The bus."""
from enginebus.bus import Bus, ChannelFailures  # noqa: F401
