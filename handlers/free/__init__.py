"""When an instrument is free, and being told when it is."""
