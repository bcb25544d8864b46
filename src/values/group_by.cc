#include "billing/group_by.h"

#include <string>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::string_view kParts[] = {"user", "cycle", "task"};

bool* part_of(GroupBy& group_by, std::string_view name) {
  if (name == "user") return &group_by.user;
  if (name == "cycle") return &group_by.cycle;
  if (name == "task") return &group_by.task;
  return nullptr;
}

}  // namespace

GroupBy parse_group_by(std::string_view text) {
  GroupBy group_by{false, false, false};
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    bool* const part = part_of(group_by, name);
    if (part == nullptr || *part) {
      std::string what = part == nullptr ? "unknown part " : "repeated part ";
      what += quoted_text(name);
      what += "; use one or more of user,cycle,task";
      if (part == nullptr) what += did_you_mean(name, kParts);
      throw Error(ErrorKind::configuration, "--group-by: " + what);
    }
    *part = true;
    if (comma == std::string_view::npos) return group_by;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace billing
