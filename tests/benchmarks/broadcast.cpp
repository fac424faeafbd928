// The crowd's part of cell broadcast as a plain loop, with the draws of ewsim.streams: what every
// handset received of one message. What the kernel in ewsim/channels/cell_broadcast/kernel.py is measured against.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {

constexpr double kSlope = 1.2, kLoss = 0.1, kNoLossDb = 1000.0;
constexpr int64_t kSib1 = 80000, kMemory = 86400000000LL, kHopeless = 1 << 24;
const double kOffset = std::log(1 / kLoss - 1) / kSlope;
enum Seen { kCamped = 1, kTargeted = 2, kOnAir = 4, kInTime = 8, kLate = 16 };
enum Column { N, UNIT, AIRTIME, PERIOD, PAGING, OFFSET, LATE, LATE_MEAN, CONTINUOUS, COLUMNS };

struct Words { uint32_t w[4]; };

inline Words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
  for (int i = 0; i < 10; ++i) {
    const uint64_t p0 = 0xD2511F53ULL * c0, p1 = 0xCD9E8D57ULL * c2;
    const uint32_t n0 = uint32_t(p1 >> 32) ^ c1 ^ k0, n2 = uint32_t(p0 >> 32) ^ c3 ^ k1;
    c0 = n0; c1 = uint32_t(p1); c2 = n2; c3 = uint32_t(p0);
    k0 += 0x9E3779B9U; k1 += 0xBB67AE85U;
  }
  return {{c0, c1, c2, c3}};
}

inline int64_t part(uint32_t word, int64_t span) {
  return int64_t((uint64_t(word) * uint64_t(span)) >> 32);
}

inline int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

inline double ipow(double x, int64_t n) {  // by squaring, as compilers of Python do it
  double out = 1;
  for (; n > 0; n >>= 1, x *= x)
    if (n & 1) out *= x;
  return out;
}

int64_t transmissions_needed(double u, double p, int64_t n) {
  if (p > 1 - 1e-6) return kHopeless;
  if (u <= ipow(1 - p, n)) return n;
  int64_t b = std::max<int64_t>(2, int64_t(std::ceil(std::log1p(-std::pow(u, 1.0 / n)) / std::log(p))));
  while (ipow(1 - ipow(p, b), n) < u) ++b;
  while (b > 2 && ipow(1 - ipow(p, b - 1), n) >= u) --b;
  const double before = 1 - ipow(p, b - 1), after = 1 - ipow(p, b);
  for (int64_t r = 1; r < n; ++r)
    if (ipow(after, r) * ipow(before, n - r) >= u) return (b - 1) * n + r;
  return b * n;
}

int64_t completion(int64_t start, bool paged, int64_t listen, double level, int rat, const Words &w,
                   const int64_t *timing) {
  const int64_t *row = timing + rat * COLUMNS;
  const int64_t n = row[N], unit = row[UNIT], late = row[LATE];
  const double p = 1.0 / (1.0 + std::exp(kSlope * (level + kOffset)));
  const int64_t k = transmissions_needed((double(w.w[0]) + 0.5) * 0x1p-32, p, n);
  int64_t page = 0;
  if (w.w[1] < late && (paged || rat < 2)) {
    paged = false;
    listen += int64_t(-std::log((double(w.w[1]) + 0.5) / late) * row[LATE_MEAN]);
  } else if (paged && row[PAGING] > 0) {
    page = (int64_t(w.w[1]) - late) * row[PAGING] / ((int64_t(1) << 32) - late);
  }
  if (rat >= 2 && !(paged && !row[CONTINUOUS])) listen += part(w.w[2], kSib1);
  if (row[CONTINUOUS]) return listen + page + part(w.w[3], unit) + (k - 1) * unit + row[AIRTIME];
  const int64_t first = start + row[OFFSET], period = row[PERIOD];
  int64_t index = 0;
  if (!paged) {
    const int64_t burst = std::max<int64_t>(floor_div(listen - first, period), 0);
    const int64_t within = std::min(
        std::max<int64_t>(-floor_div(first + burst * period - listen, unit), 0), n);
    index = burst * n + within;
  }
  const int64_t last = index + k - 1;
  return first + last / n * period + last % n * unit + row[AIRTIME];
}

}  // namespace

extern "C" void receive(
    int64_t count, int32_t *window, int64_t *received, int16_t *copies, int16_t *displays,
    uint8_t *seen, const int32_t *number, const uint8_t *eligible, const int64_t *on_from, const int64_t *on_to,
    const int64_t *first, const int32_t *cell, const float *level, const int64_t *since,
    const int64_t *until, const int64_t *window_first, const int64_t *window_from,
    const int64_t *window_to, const uint8_t *targeted, const int8_t *rat, const int64_t *zone,
    const int64_t *period_from, const int64_t *period_to, const int16_t *operator_of,
    const int64_t *timing, uint32_t seed, uint32_t replication, uint32_t purpose, uint32_t message) {
  for (int64_t h = 0; h < count; ++h) {
    uint32_t entry = 0;
    int zones = 0;
    int64_t zone_of[64], when_of[64];
    for (int64_t i = first[h]; i < first[h + 1]; ++i) {
      const int32_t here = cell[i];
      const int64_t a = std::max(since[i], on_from[h]), b = std::min(until[i], on_to[h]);
      const int16_t owner = operator_of[here];
      if (a < std::min(b, period_to[owner]) && b > period_from[owner])
        seen[h] |= kCamped | (targeted[here] ? kTargeted : 0);
      for (int64_t w = window_first[here]; w < window_first[here + 1]; ++w) {
        const int64_t start = window_from[w];
        const int64_t listen = std::max(a, start), stop = std::min(b, window_to[w]);
        if (listen >= stop) continue;
        seen[h] |= kOnAir;
        if (!eligible[h]) continue;
        const Words words = philox(uint32_t(number[h]), message, purpose, entry++, seed,
                                   replication);
        const int64_t t = completion(start, a < start, listen, level[i], rat[here], words, timing);
        if (t >= stop) {
          Words prompt = words;
          prompt.w[1] = 0xFFFFFFFFU;
          if (words.w[1] < timing[rat[here] * COLUMNS + LATE] &&
              completion(start, a < start, listen, level[i], rat[here], prompt, timing) < stop)
            seen[h] |= kLate;
          if (completion(start, a < start, listen, kNoLossDb, rat[here], words, timing) < stop)
            seen[h] |= kInTime;
          continue;
        }
        if (copies[h] == 0) {
          window[h] = int32_t(w);
          received[h] = t;
        }
        ++copies[h];
        int z = 0;
        while (z < zones && zone_of[z] != zone[here]) ++z;
        if (z < zones && t - when_of[z] < kMemory) continue;
        if (z == zones && zones < 64) ++zones;
        zone_of[z] = zone[here];
        when_of[z] = t;
        ++displays[h];
      }
    }
  }
}
