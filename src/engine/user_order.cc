#include "engine/user_order.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/prefetch.h"
#include "engine/name_packer.h"

namespace billing {
namespace {

/// Some users of each partition: they are there in no order.
std::vector<const Name*> sample_of(const std::vector<ClosedPartition>& partitions) {
  std::vector<const Name*> names;
  for (const ClosedPartition& partition : partitions) {
    const std::size_t wanted = kNameSample / partitions.size() + 1;
    for (std::size_t i = 0; i < std::min(wanted, partition.users.size()); ++i)
      names.push_back(partition.users[i].name);
  }
  return names;
}

}  // namespace

OrderedUsers order_users(const std::vector<ClosedPartition>& partitions) {
  std::vector<std::size_t> first(partitions.size() + 1, 0);
  for (std::size_t p = 0; p < partitions.size(); ++p)
    first[p + 1] = first[p] + partitions[p].users.size();
  if (first.back() == 0) return {nullptr, 0};
  const NamePacker packer(sample_of(partitions));
  // Not zeroed: the threads that fill it are to touch its pages first.
  OrderedUsers users{std::make_unique_for_overwrite<NameKey[]>(first.back()), first.back()};
  tbb::parallel_for(std::size_t{0}, partitions.size(), [&](std::size_t p) {
    const std::vector<ClosedUser>& closed = partitions[p].users;
    for (const ClosedUser& user : closed) prefetch(user.name);
    for (const ClosedUser& user : closed) user.name->prefetch_text(packer.begin_bytes());
    for (std::size_t i = 0; i < closed.size(); ++i) {
      users.keys[first[p] + i] = {packer.pack(*closed[i].name), static_cast<std::uint32_t>(p),
                                  static_cast<std::uint32_t>(i)};
    }
  });
  order_names(std::span(users.keys.get(), users.size),
              [&partitions](const NameKey& key) -> const Name& {
                return *partitions[key.table].users[key.index].name;
              });
  return users;
}

}  // namespace billing
