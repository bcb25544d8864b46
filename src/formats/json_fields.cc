#include "formats/json_fields.h"

#include <algorithm>
#include <cstring>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

/// Members of a node: as many as a word has bits, which note the ones that were there.
constexpr std::size_t kMaxMembers = 64;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// RFC 6901: `~1` is `/`, `~0` is `~`.
std::string unescaped_token(const std::string& token, const std::string& pointer) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      text += token[i];
      continue;
    }
    const char escaped = i + 1 < token.size() ? token[++i] : '\0';
    if (escaped != '0' && escaped != '1') {
      throw Error(ErrorKind::configuration,
                  quoted_text(pointer) + ": in a JSON pointer ~ is written ~0, and / is ~1");
    }
    text += escaped == '0' ? '~' : '/';
  }
  return text;
}

bool is_array_index(const std::string& token) {
  const bool has_digits = !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  return has_digits && (token.size() == 1 || token[0] != '0');
}

std::uint64_t head_of(const std::string& key) {
  std::uint64_t head = 0;
  std::memcpy(&head, key.data(), std::min(key.size(), JsonFields::kHeadBytes));
  return head;
}

}  // namespace

JsonFields::JsonFields(const std::vector<FieldName>& names) {
  for (const FieldName& field : names) {
    Name name;
    if (field.is_verbatim || !field.name.starts_with('/')) {
      name.key_slot = add({field.name}, false);
      const std::vector<std::string> path = split(field.name, '.');
      if (!field.is_verbatim && path.size() > 1) name.path_slot = add(path, false);
    } else {
      std::vector<std::string> path = split(std::string_view(field.name).substr(1), '/');
      for (std::string& token : path) token = unescaped_token(token, field.name);
      name.path_slot = add(path, true);
    }
    names_.push_back(name);
  }
}

/// Two paths may lead through the same objects, and one may end where another goes on.
std::uint32_t JsonFields::add(const std::vector<std::string>& path, bool has_indexes) {
  std::uint32_t at = 0;
  for (std::size_t i = 0;; ++i) {
    const bool is_index = has_indexes && is_array_index(path[i]);
    auto& members = nodes_[at].members;
    auto found = std::find_if(members.begin(), members.end(), [&](const Member& member) {
      return member.key == path[i] && member.is_index == is_index;
    });
    if (found == members.end()) {
      if (members.size() == kMaxMembers) {
        throw Error(ErrorKind::configuration, "more than " + std::to_string(kMaxMembers) +
                                                  " fields of one JSON object are asked for");
      }
      found = members.insert(found, Member{path[i], head_of(path[i]), kNone, kNone, is_index});
    }
    if (i + 1 == path.size()) {
      if (found->slot == kNone) found->slot = static_cast<std::uint32_t>(slot_count_++);
      return found->slot;
    }
    if (found->child == kNone) {
      const auto child = static_cast<std::uint32_t>(nodes_.size());
      found->child = child;
      nodes_.emplace_back();  // members and found are gone with it
      at = child;
    } else {
      at = found->child;
    }
  }
}

}  // namespace billing
