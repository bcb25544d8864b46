#pragma once

#include <string>
#include <string_view>

namespace billing {

/// Which parts of the key (user, cycle, task) a statement keeps; at least one.
struct GroupBy {
  bool user = true;
  bool cycle = true;
  bool task = true;

  bool operator==(const GroupBy&) const = default;
};

/// `user,cycle,task`, less what is not kept.
std::string group_by_text(const GroupBy& group_by);

/// Reads `user,cycle,task` or any non-empty subset in any order.
/// Throws Error(configuration) for an unknown, repeated or missing part.
GroupBy parse_group_by(std::string_view text);

}  // namespace billing
