#include "billing/group_by.h"

#include <string>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "base/split_list.h"
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

std::string group_by_text(const GroupBy& group_by) {
  std::string text;
  const auto add = [&text](bool kept, const char* part) {
    if (kept) text += (text.empty() ? "" : ",") + std::string(part);
  };
  add(group_by.user, "user");
  add(group_by.cycle, "cycle");
  add(group_by.task, "task");
  return text;
}

GroupBy parse_group_by(std::string_view text) {
  GroupBy group_by{false, false, false};
  for (const std::string_view name : split_list(text)) {
    bool* const part = part_of(group_by, name);
    if (part == nullptr || *part) {
      std::string what = part == nullptr ? "unknown part " : "repeated part ";
      what += quoted_text(name);
      what += "; use one or more of user,cycle,task";
      if (part == nullptr) what += did_you_mean(name, kParts);
      throw Error(ErrorKind::configuration, "\1group-by: " + what);
    }
    *part = true;
  }
  return group_by;
}

}  // namespace billing
