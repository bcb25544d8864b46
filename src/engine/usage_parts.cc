#include "engine/usage_parts.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/packed_sum.h"
#include "engine/sum_places.h"

namespace billing {

void MeterUsage::move_name_sums(const FirstKeys& first_keys) {
  const std::vector<SumKey> keys = first_keys.keys();
  for (std::uint32_t user = 0; user < users.size(); ++user) {
    NameSums& beside = NameSums::beside(users.name(user));
    for (std::size_t place = 0; place < keys.size(); ++place) {
      const std::uint64_t sum = std::exchange(beside.sums[place], 0);
      if (sum == 0) continue;
      const std::string& task = keys[place].task;
      append(user, users.partition_of_number(user), keys[place].cycle, PackedSum::calls_of(sum),
             PackedSum::quantity_of(sum), tasks.intern(task, hash_name(task)).number,
             /*when_unit=*/1);
    }
  }
  has_name_sums = false;
}

void Usage::Parts::agree_on_name_sums() {
  const auto has_sums = [](const auto& meter) { return meter->has_name_sums; };
  if (std::all_of(meters.begin(), meters.end(), has_sums)) return;
  for (const auto& meter : meters) {
    if (meter->has_name_sums) meter->move_name_sums(*options.first_keys);
  }
}

}  // namespace billing
