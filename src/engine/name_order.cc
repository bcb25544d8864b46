#include "engine/name_order.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/prefetch.h"
#include "engine/deal_sort.h"
#include "engine/name_packer.h"

namespace billing {
namespace {

/// Keys are first dealt out into buckets, each to be sorted by one thread: enough of them for all
/// threads, few enough to be written to in turns.
constexpr std::size_t kPerBucket = 256;
constexpr std::size_t kMaxBuckets = 2048;

/// Several threads pay off from this many keys on.
constexpr std::size_t kManyKeys = 8192;
/// Within one bucket, which is large only where names are spread very unevenly, they pay off from
/// this many on.
constexpr std::size_t kVeryManyKeys = 1 << 17;

/// Up to this many names are compared byte by byte, which is cheaper than finding out where they
/// differ.
constexpr std::size_t kFewNames = 16;

/// Names between a prefetch and the use of what it fetched.
constexpr std::size_t kPrefetchNames = 64;

class NameSorter {
 public:
  explicit NameSorter(const NameOf& name_of) : name_of_(name_of) {}

  void sort(std::span<NameKey> keys) {
    if (keys.size() < kManyKeys) return sort_bucket(keys);
    const std::vector<std::size_t> begins =
        deal_in_place(keys.data(), keys.size(), std::min(keys.size() / kPerBucket, kMaxBuckets));
    tbb::parallel_for(std::size_t{0}, begins.size() - 1, [&](std::size_t bucket) {
      sort_bucket(keys.subspan(begins[bucket], begins[bucket + 1] - begins[bucket]));
    });
  }

  /// Names whose packed bits are the same.
  void sort_tied(std::span<NameKey> keys) {
    if (keys.size() <= kFewNames) return sort_by_text(keys);
    const std::vector<const Name*> sample = sample_of(keys);
    const NamePacker packer(sample);
    if (packer.tells_apart()) {
      pack(keys, packer);
      sort(keys);
    } else if (sample.size() < keys.size()) {
      sort_by_text(keys);
    }
  }

 private:
  void sort_bucket(std::span<NameKey> keys) {
    if (keys.size() < kVeryManyKeys) {
      sorters_.local().sort(keys.data(), keys.size());
    } else if (!std::is_sorted(keys.begin(), keys.end())) {
      tbb::parallel_sort(keys.begin(), keys.end());
    }
    while (!keys.empty()) {
      const auto differs = [&](const NameKey& key) { return key.packed != keys.front().packed; };
      const auto tied_end = std::find_if(keys.begin(), keys.end(), differs);
      const auto tied = static_cast<std::size_t>(tied_end - keys.begin());
      if (tied > 1) sort_tied(keys.first(tied));
      keys = keys.subspan(tied);
    }
  }

  void sort_by_text(std::span<NameKey> keys) const {
    std::sort(keys.begin(), keys.end(), [this](const NameKey& a, const NameKey& b) {
      return name_of_(a).text() < name_of_(b).text();
    });
  }

  std::vector<const Name*> sample_of(std::span<const NameKey> keys) const {
    std::vector<const Name*> names;
    const std::size_t step = (keys.size() - 1) / kNameSample + 1;
    for (std::size_t i = 0; i < keys.size(); i += step) names.push_back(&name_of_(keys[i]));
    return names;
  }

  /// In parallel where there are many.
  void pack(std::span<NameKey> keys, const NamePacker& packer) const {
    if (keys.size() < kManyKeys) return pack_part(keys, packer);
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, keys.size(), kManyKeys / 4),
                      [&](const tbb::blocked_range<std::size_t>& range) {
                        pack_part(keys.subspan(range.begin(), range.size()), packer);
                      });
  }

  /// In steps over some names, because they are scattered in memory.
  void pack_part(std::span<NameKey> keys, const NamePacker& packer) const {
    std::array<const Name*, kPrefetchNames> names;
    for (std::size_t begin = 0; begin < keys.size(); begin += kPrefetchNames) {
      const std::size_t count = std::min(kPrefetchNames, keys.size() - begin);
      for (std::size_t i = 0; i < count; ++i) {
        names[i] = &name_of_(keys[begin + i]);
        prefetch(names[i]);
      }
      for (std::size_t i = 0; i < count; ++i) names[i]->prefetch_text(packer.begin_bytes());
      for (std::size_t i = 0; i < count; ++i) keys[begin + i].packed = packer.pack(*names[i]);
    }
  }

  const NameOf& name_of_;
  tbb::enumerable_thread_specific<DealSorter<NameKey>> sorters_;
};

}  // namespace

void order_names(std::span<NameKey> keys, const NameOf& name_of) { NameSorter(name_of).sort(keys); }

void pack_and_order_names(std::span<NameKey> keys, const NameOf& name_of) {
  if (!keys.empty()) NameSorter(name_of).sort_tied(keys);
}

}  // namespace billing
