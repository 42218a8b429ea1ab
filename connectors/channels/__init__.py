"""What every chat channel shares: events written down before they are acknowledged, answered in order, once."""
