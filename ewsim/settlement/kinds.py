"""Urban, rural and remote: what the words mean, for settlements and for rasters alike."""

SETTLEMENTS = ("urban", "rural", "remote")
URBAN, RURAL, REMOTE = range(len(SETTLEMENTS))

#: UN Degree of Urbanisation: an urban cluster has at least 5,000 people.
URBAN_PEOPLE = 5_000
#: Assumption: rural people further than this from any urban settlement are remote [m].
REMOTE_M = 15_000.0
