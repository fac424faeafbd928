"""What a scenario may say about power at sites: what they have, and who comes to help."""

from pydantic import Field

from ewsim.scenario.spec.base import DurationS, Model, Name, PositiveS, Share


class BackupSpec(Model):
    """What sites on which others hang have for the time without the grid."""

    battery_factor: float
    generator_share: Share


class RelaySpec(BackupSpec):
    """Sites on which another hangs."""

    battery_factor: float = Field(
        2, ge=1, le=100, description="battery, as a multiple of the median (8 h in PTSFS 2015:2; 1 to 3)"
    )
    generator_share: Share = Field(0.3, description="assumption: relays with a generator (range 0 to 0.5)")


class AggregationSpec(BackupSpec):
    """Sites on which 8,000 people or 5 sites hang."""

    battery_factor: float = Field(
        3, ge=1, le=100, description="battery, as a multiple of the median (12 h in PTSFS 2015:2; 2 to 6)"
    )
    generator_share: Share = Field(
        0.6, description="assumption: aggregation sites with a generator (range 0.3 to 0.9)"
    )


class TrunkSpec(BackupSpec):
    """Sites on which 30,000 people hang."""

    battery_factor: float = Field(
        6, ge=1, le=100, description="battery, as a multiple of the median (24 h in PTSFS 2015:2; 3 to 6)"
    )
    generator_share: Share = Field(
        0.9, description="assumption: trunk sites with a generator (range 0.5 to 1)"
    )


class RefuellingSpec(Model):
    """Crews that fill tanks, repair generators and place portable ones, site after site."""

    crews_share: Share = Field(
        0.05,
        description="assumption: crews, for each site of the network (range 0.005 to 0.1; 0: nobody comes)",
    )
    first_arrival_s: DurationS = Field(
        24 * 3600,
        description="assumption: from the first loss of the grid until crews are on their way [s] (range "
        "6 h to 96 h); a road_cut keeps them from sites for longer",
    )
    visit_s: PositiveS = Field(
        2 * 3600, description="assumption: one site, with the way from the last one [s] (range 1 h to 8 h)"
    )


class PortableSpec(Model):
    """Generators on trailers, for sites that have no generator of their own."""

    share: Share = Field(
        0.2,
        description="assumption: the fleet, for each site of the network (range 0 to 0.5; more than 2,000 "
        "of one operator were not enough in California in 2019)",
    )
    fuel_s: PositiveS = Field(
        24 * 3600, description="running time of a full tank [s] (8 h for small petrol ones, to 72 h)"
    )


class AddedPowerSpec(Model):
    """More power of their own at some sites, beside what they have."""

    sites: tuple[Name, ...] = Field(min_length=1, max_length=100_000, description="their names")
    battery_s: DurationS = Field(0, description="nominal running time of the battery added [s]")
    generator_s: DurationS = Field(0, description="running time of the generator's tank added [s]")


class PowerSpec(Model):
    """What a site has when the grid is out, and how much of it works."""

    battery_median_s: PositiveS = Field(
        4 * 3600,
        description="nominal running time of a battery, the median of how long those that work last "
        "[s] (Japan 3 h, Vodacom 4 h)",
    )
    battery_sigma: float = Field(
        0.5,
        ge=0,
        le=3,
        description="assumption: standard deviation of ln(how long a battery lasts); drawn by run (range "
        "0.2 to 0.8)",
    )
    battery_works_share: Share = Field(
        0.9,
        description="assumption: batteries that work when they are needed; drawn by run (range 0.6 to 0.98)",
    )
    battery_aged_share: Share = Field(
        0,
        description="assumption: batteries that last battery_aged_factor of their time, besides what "
        "battery_sigma says of age (range 0 to 0.5); drawn by run",
    )
    battery_aged_factor: Share = Field(
        0.5, description="assumption: part that aged batteries last (range 0.2 to 0.8)"
    )
    recharge_s: PositiveS = Field(
        15 * 3600,
        description="from empty to full when there is power again [s] (12 h to 18 h in South Africa's cuts)",
    )
    generator_share: Share = Field(
        0.2, description="assumption: sites with a generator (0.4 urban, 0.2 rural) (range 0.05 to 0.6)"
    )
    generator_starts_share: Share = Field(
        0.9, description="assumption: generators that start (range 0.7 to 0.99); drawn by run"
    )
    generator_s: DurationS = Field(
        48 * 3600, description="assumption: running time of a full tank [s] (range 24 h to 72 h)"
    )
    generator_failures_per_day: float = Field(
        0.2,
        ge=0,
        le=24,
        description="failures of a running generator [1/day]; NREL 2020: 0.35 where poorly kept (half fail "
        "in 48 h), 0.016 where well kept (a fifth in two weeks)",
    )
    generator_litres_per_hour: float = Field(
        2, ge=0, le=100, description="assumption: fuel that a running generator burns [l/h] (range 1 to 4)"
    )
    solar_share: Share = Field(
        0, description="assumption: sites with solar panels (range 0 to 0.5: most where the grid is poor)"
    )
    solar_cover_share: Share = Field(
        1,
        description="assumption: part of the site's load that its panels carry, day and night together "
        "(range 0.3 to 1; at 1 the site needs no grid)",
    )
    independent_sites: tuple[Name, ...] = Field(
        (), max_length=100_000, description="sites that need no grid: their own power lasts the whole run"
    )
    added: tuple[AddedPowerSpec, ...] = Field(
        (), max_length=1000, description="batteries and generators that some sites get (ewsim optimise)"
    )
    refuelling: RefuellingSpec = Field(RefuellingSpec(), description="crews on their rounds")
    portable: PortableSpec = Field(PortableSpec(), description="generators on trailers")
    relay: RelaySpec = Field(RelaySpec(), description="sites on which another hangs")
    aggregation: AggregationSpec = Field(
        AggregationSpec(), description="sites on which 8,000 people or 5 sites hang"
    )
    trunk: TrunkSpec = Field(TrunkSpec(), description="sites on which 30,000 people hang")
