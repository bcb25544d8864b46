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
/// threads, few enough to be written to in turns.
constexpr std::size_t kPerBucket = 256;
constexpr std::size_t kMaxBuckets = 2048;

OrderedUsers keys_of(const std::vector<ClosedPartition>& partitions) {
  NameBits names;
  std::vector<std::size_t> first(partitions.size() + 1, 0);
  for (std::size_t p = 0; p < partitions.size(); ++p) {
    names.add(partitions[p].name_bits);
    first[p + 1] = first[p] + partitions[p].users.size();
  }
  const NamePacker packer(names);
  // Not zeroed: the threads that fill it are to touch its pages first.
  OrderedUsers users{std::make_unique_for_overwrite<UserKey[]>(first.back()), first.back()};
  tbb::parallel_for(std::size_t{0}, partitions.size(), [&](std::size_t p) {
    const std::vector<ClosedUser>& closed = partitions[p].users;
    for (const ClosedUser& user : closed) prefetch(user.name);
    for (std::size_t i = 0; i < closed.size(); ++i) {
      users.keys[first[p] + i] = {packer.pack(*closed[i].name), static_cast<std::uint32_t>(p),
                                  static_cast<std::uint32_t>(i)};
    }
  });
  return users;
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

OrderedUsers order_users(const std::vector<ClosedPartition>& partitions) {
  OrderedUsers users = keys_of(partitions);
  const std::vector<std::size_t> begins =
      deal_in_place(users.keys.get(), users.size, std::min(users.size / kPerBucket, kMaxBuckets));
  const auto by_name = [&partitions](const UserKey& a, const UserKey& b) {
    return partitions[a.partition].users[a.index].name->text() <
           partitions[b.partition].users[b.index].name->text();
  };
  tbb::enumerable_thread_specific<DealSorter<UserKey>> sorters;
  tbb::parallel_for(std::size_t{0}, begins.size() - 1, [&](std::size_t bucket) {
    UserKey* const begin = users.keys.get() + begins[bucket];
    UserKey* const end = users.keys.get() + begins[bucket + 1];
    sorters.local().sort(begin, static_cast<std::size_t>(end - begin));
    order_ties(begin, end, by_name);
  });
  return users;
}

}  // namespace billing
