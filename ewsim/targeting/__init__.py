"""From the alert area to cells and phones: which broadcast, and which show it.

`areas`: the alert area of a message, with a `gazetteer` for its geocodes. `policies`: the cells
that carry it, by their `footprints`. `geofence`: phones that compare their own position with it.
`fit`: how well a choice of cells fits the area, without a run.
"""

from ewsim.targeting.areas import area_of, shape_of
from ewsim.targeting.gazetteer import Gazetteer
from ewsim.targeting.geofence import Geofence
from ewsim.targeting.policies import PolicyInputs, broadcast_cells, chosen_cells

__all__ = ["Gazetteer", "Geofence", "PolicyInputs", "area_of", "broadcast_cells", "chosen_cells", "shape_of"]
