"""Where people live: places, rasters, zones, roads, homes, and the demand that networks are planned for."""
