"""From the alert area to cells and phones: which broadcast, and which show it.

`areas`: the alert area of a message. `policies`: the cells that carry it. `geofence`: phones that
compare their own position with it.
"""

from ewsim.targeting.areas import area_of
from ewsim.targeting.geofence import Geofence
from ewsim.targeting.policies import broadcast_cells

__all__ = ["Geofence", "area_of", "broadcast_cells"]
