"""From a phone that shows the alert to a person who notices it: by activity, hour and kind of alert."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ewsim.population.people import AGE_BANDS, DISABILITIES, People
from ewsim.scenario.spec.response import NoticingSpec
from ewsim.streams import Streams
from ewsim.units import NEVER, US

#: What people do; the index is the code used in arrays.
ACTIVITIES = ("asleep", "home", "work", "driving", "outdoors")
ASLEEP, HOME, WORK, DRIVING, OUTDOORS = range(5)

#: People are on the road between these hours.
_ROAD_HOURS = (7, 20)
_WORKING = (AGE_BANDS.index("10-17"), AGE_BANDS.index("50-64"))
_HEARING = DISABILITIES.index("hearing")
#: An alarm that is noticed as one is noticed within so many times its mean.
_WITHIN = 6
_LONGEST_S = 1e9

Int64Array = NDArray[np.int64]


@dataclass(frozen=True)
class Noticing:
    """Who notices what, and when; `hour` is the local hour at the decision."""

    spec: NoticingSpec
    people: People
    hour: float
    streams: Streams

    def asleep(self, at_us: Int64Array) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether each person sleeps at a moment of their own, and how long until they wake [s]."""
        spec, ids = self.spec, np.arange(len(self.people))
        spread = spec.sleep_spread_hours * self.streams.normal("response.sleep", ids)
        now = self.hour + at_us / (3600 * US)
        length = (spec.wake_hour - spec.bed_hour) % 24
        since_bed = (now - spec.bed_hour - spread) % 24
        return since_bed < length, np.maximum(length - since_bed, 0) * 3600

    def activity(self, at_us: Int64Array) -> NDArray[np.int8]:
        """What each person does at a moment of their own, an index into ACTIVITIES.

        Assumption: who is indoors at the decision stays indoors, apart from the road.
        """
        spec, people, ids = self.spec, self.people, np.arange(len(self.people))
        now = (self.hour + at_us / (3600 * US)) % 24
        out = np.where(people.indoors, HOME, OUTDOORS).astype(np.int8)
        works = (people.age_band >= _WORKING[0]) & (people.age_band <= _WORKING[1])
        works &= self.streams.uniform("response.works", ids) < spec.at_work_share
        span = (spec.work_to_hour - spec.work_from_hour) % 24
        out[works & people.indoors & ((now - spec.work_from_hour) % 24 < span)] = WORK
        road = (now >= _ROAD_HOURS[0]) & (now < _ROAD_HOURS[1])
        out[road & (self.streams.uniform("response.road", ids) < spec.on_road_share)] = DRIVING
        out[self.asleep(at_us)[0]] = ASLEEP
        return out

    @cached_property
    def _wakes(self) -> NDArray[np.float64]:
        """The chance that an alarm wakes each person who sleeps."""
        spec, people = self.spec, self.people
        near = np.array(spec.phone_near_shares)[people.age_band]
        hears = np.where(people.disability == _HEARING, spec.hearing_factor, 1.0)
        return np.asarray(near * spec.asleep_share * hears)

    def noticed_us(self, name: str, displayed_us: Int64Array, *, alarm: bool) -> Int64Array:
        """When each person notices what was displayed to them [us]; NEVER where nothing was.

        Parameters
        ----------
        name
            The channel, which has its own luck.
        displayed_us
            When it was displayed [us], shape (people,).
        alarm
            Whether it sounds an alarm whatever the phone's settings. Who misses the alarm, and everyone
            without one, notices it as an ordinary message, and who sleeps after waking.
        """
        spec, ids, shown = self.spec, np.arange(displayed_us.size), displayed_us < NEVER
        at = np.where(shown, displayed_us, 0)
        doing = self.activity(at)
        wait_s = np.where(doing == ASLEEP, self.asleep(at)[1], 0.0)
        awake_s = [spec.home_median_s, spec.work_median_s, spec.driving_median_s, spec.outdoors_median_s]
        medians = np.array([spec.home_median_s, *awake_s])[doing]
        luck = self.streams.normal(f"response.message.{name}", ids)
        after_s = wait_s + medians * np.exp(spec.message_sigma * luck)
        if alarm:
            shares = np.array([0, spec.home_share, spec.work_share, spec.driving_share, spec.outdoors_share])
            chance = np.where(doing == ASLEEP, self._wakes, shares[doing])
            heard = self.streams.uniform(f"response.alarm.{name}", ids) < chance
            part = self.streams.uniform(f"response.alarm.{name}", ids, 1)
            soon_s = -spec.alarm_mean_s * np.log1p(part * np.expm1(-_WITHIN))
            after_s = np.where(heard, np.minimum(soon_s, after_s), after_s)
        after = np.rint(np.minimum(after_s, _LONGEST_S) * US).astype(np.int64)
        return np.where(shown, displayed_us + after, NEVER)
