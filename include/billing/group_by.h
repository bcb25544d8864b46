#pragma once

#include <string>
#include <string_view>

namespace billing {

/// Which parts of the key (user, cycle, task) the lines of a statement keep apart; at least one.
/// Lines that differ in the others alone are added up.
struct GroupBy {
  bool user = true;
  bool cycle = true;
  bool task = true;

  bool operator==(const GroupBy&) const = default;
};

/// What is kept, as text: `user,cycle,task` of all.
std::string group_by_text(const GroupBy& group_by);

/// Reads `user,cycle,task` or any non-empty subset in any order.
/// Throws Error(configuration) for an unknown, repeated or missing part.
GroupBy parse_group_by(std::string_view text);

}  // namespace billing
