#include "engine/user_order.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/prefetch.h"
#include "engine/close_partition.h"
#include "engine/deal_sort.h"

namespace billing {
namespace {

/// Users are first dealt out into buckets, each to be sorted by one thread: enough of them for all
/// threads, few enough to be written to at once.
constexpr std::size_t kPerBucket = 256;
constexpr std::size_t kMaxBuckets = 2048;

std::array<std::uint64_t, 2> head_of(const Name& name) {
  std::array<std::uint64_t, 2> head{name.head[0], name.head[1]};
  if (name.is_long()) std::memcpy(head.data(), name.text().data(), sizeof(head));
  return {__builtin_bswap64(head[0]), __builtin_bswap64(head[1])};
}

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

void NameBits::add(const Name& name) {
  const auto head = head_of(name);
  for (std::size_t word = 0; word < head.size(); ++word) {
    ones_[word] |= head[word];
    all_[word] &= head[word];
  }
}

void NameBits::add(const NameBits& names) {
  for (std::size_t word = 0; word < ones_.size(); ++word) {
    ones_[word] |= names.ones_[word];
    all_[word] &= names.all_[word];
  }
}

NamePacker::NamePacker(const NameBits& names) {
  const auto varying = names.varying();
  std::uint32_t packed_bits = 0;
  for (std::uint32_t byte = 0; byte < kNameHeadBytes; ++byte) {
    const std::uint32_t word = byte / 8;
    const std::uint32_t shift = 56 - byte % 8 * 8;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(varying[word] >> shift & 0xFF));
    packed_bits += bits;
    if (packed_bits > 64) return;
    if (bits > 0) fields_.push_back({word, shift, bits});
  }
}

std::uint64_t NamePacker::pack(const Name& name) const {
  const auto head = head_of(name);
  std::uint64_t packed = 0;
  for (const Field& field : fields_) {
    const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
    packed = packed << field.bits | (head[field.word] >> field.shift & mask);
  }
  return packed;
}

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
