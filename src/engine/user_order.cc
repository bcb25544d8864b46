#include "engine/user_order.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>

#include "base/prefetch.h"
#include "engine/deal_sort.h"
#include "engine/name_packer.h"

namespace billing {
namespace {

/// Users are first dealt out into buckets, each to be sorted by one thread: enough of them for all
/// threads, few enough to be written to at once.
constexpr std::size_t kPerBucket = 256;
constexpr std::size_t kMaxBuckets = 2048;

std::vector<UserKey> keys_of(const std::vector<ClosedPartition>& partitions) {
  NameBits names;
  std::vector<std::size_t> first(partitions.size() + 1, 0);
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    names.add(partitions[p].name_bits);
    first[p + 1] = first[p] + partitions[p].users.size();
  }
  const NamePacker packer(names);
  std::vector<UserKey> keys(first.back());
  tbb::parallel_for(std::size_t{0}, partitions.size(), [&](std::size_t p) {
    const std::vector<ClosedUser>& users = partitions[p].users;
    for (const ClosedUser& user : users) prefetch(user.name);
    for (std::size_t i = 0; i < users.size(); ++i) {
      keys[first[p] + i] = {packer.pack(*users[i].name), static_cast<std::uint32_t>(p),
                            static_cast<std::uint32_t>(i)};
    }
  });
  return keys;
}

/// Brings users with equal keys into the order of their names.
template <class ByName>
void order_ties(UserKey* begin, UserKey* end, const ByName& by_name) {
  while (begin < end) {
    UserKey* const tied = std::find_if(
        begin, end, [begin](const UserKey& key) { return key.order() != begin->order(); });
    if (tied - begin > 1) tbb::parallel_sort(begin, tied, by_name);
    begin = tied;
  }
}

}  // namespace

std::vector<UserKey> order_users(const std::vector<ClosedPartition>& partitions) {
  const std::vector<UserKey> keys = keys_of(partitions);
  std::vector<UserKey> users(keys.size());
  std::vector<std::size_t> ends;
  deal_out(keys.data(), keys.size(), std::min(keys.size() / kPerBucket, kMaxBuckets), users.data(),
           ends);
  const auto by_name = [&partitions](const UserKey& a, const UserKey& b) {
    return partitions[a.partition].users[a.index].name->text() <
           partitions[b.partition].users[b.index].name->text();
  };
  tbb::enumerable_thread_specific<DealSorter<UserKey>> sorters;
  tbb::parallel_for(std::size_t{0}, ends.size() - 1, [&](std::size_t bucket) {
    UserKey* const begin = users.data() + (bucket == 0 ? 0 : ends[bucket - 1]);
    UserKey* const end = users.data() + ends[bucket];
    sorters.local().sort(begin, static_cast<std::size_t>(end - begin), begin);
    order_ties(begin, end, by_name);
  });
  return users;
}

}  // namespace billing
