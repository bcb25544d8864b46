#include "engine/task_order.h"

#include <algorithm>
#include <memory>
#include <span>

#include "base/prefetch.h"
#include "engine/name_order.h"

namespace billing {
namespace {

/// Names between a prefetch and the use of what it fetched.
constexpr std::size_t kPrefetchNames = 16;

/// The keys whose sums lie beside names, without those of tasks that no meter of this usage has
/// met.
std::vector<TaskOrder::PlacedKey> keys_beside_names(const FirstKeys& first,
                                                    const TaskNames& tasks) {
  std::vector<TaskOrder::PlacedKey> placed;
  std::uint32_t place = 0;
  for (const SumKey& key : first.keys()) {
    const std::size_t rank = tasks.find(key.task);
    if (rank < tasks.size()) placed.push_back({key.cycle, static_cast<std::uint32_t>(rank), place});
    ++place;
  }
  std::sort(placed.begin(), placed.end(), [](const auto& a, const auto& b) {
    return a.cycle != b.cycle ? a.cycle < b.cycle : a.rank < b.rank;
  });
  return placed;
}

/// One key per name and meter: a name that several meters know occurs several times.
std::vector<NameKey> ordered_keys(const Usage::Parts& parts, const NameOf& name_of) {
  std::size_t count = 0;
  for (const auto& meter : parts.meters) count += meter->tasks.size();
  std::vector<NameKey> keys;
  keys.reserve(count);
  for (std::uint32_t m = 0; m < parts.meters.size(); ++m) {
    for (std::uint32_t number = 0; number < parts.meters[m]->tasks.size(); ++number)
      keys.push_back({0, m, number});
  }
  pack_and_order_names(keys, name_of);
  return keys;
}

}  // namespace

TaskOrder order_tasks(Usage::Parts& parts) {
  const NameOf name_of = [&parts](const NameKey& key) -> const Name& {
    return parts.meters[key.table]->tasks.name(key.index);
  };
  const std::vector<NameKey> keys = ordered_keys(parts, name_of);

  TaskOrder order;
  std::size_t bytes = 0;
  for (const auto& meter : parts.meters) {
    order.rank_of.emplace_back(meter->tasks.size());
    bytes += meter->tasks.name_bytes();
  }
  TaskNames::Builder names;
  names.reserve(keys.size(), bytes);  // what is not needed of it is never touched
  for (std::size_t i = 0; i < keys.size(); ++i) {
    prefetch(&name_of(keys[std::min(i + kPrefetchNames, keys.size() - 1)]));
    const Name& name = name_of(keys[i]);
    if (i == 0 || !(name == name_of(keys[i - 1]))) names.add(name.text());
    order.rank_of[keys[i].table][keys[i].index] = static_cast<std::uint32_t>(names.size() - 1);
  }
  order.names = names.finish();
  for (const auto& meter : parts.meters) meter->tasks.release();
  if (parts.has_name_sums())
    order.beside_names = keys_beside_names(*parts.options.first_keys, order.names);
  return order;
}

}  // namespace billing
