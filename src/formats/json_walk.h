#pragma once

// An object of JSON, walked once: what is wanted of it, and whether it is valid as a whole.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/json_tokens.h"
#include "formats/line_scanner.h"
#include "mapping/batch_text.h"
#include "mapping/field.h"

namespace billing {

/// A record as it is walked: its tokens, and what is wanted of it. Every token is looked at, so
/// that a record is valid as a whole, also where nobody asked.
class JsonWalk {
 public:
  /// `base` is what token places count from; the record's first token is `token`, and those of all
  /// records end at `tokens_end`, which leads to the end of the text.
  JsonWalk(const JsonFields& wanted, const char* base, const Line& line, const std::uint32_t* token,
           const std::uint32_t* tokens_end, bool has_escapes, Field* slots, std::uint64_t* present,
           BatchText& texts)
      : wanted_(wanted),
        base_(base),
        line_(line),
        line_end_(static_cast<std::uint32_t>(line.end - base)),
        token_(token),
        tokens_end_(tokens_end),
        has_escapes_(has_escapes),
        slots_(slots),
        present_(present),
        texts_(texts) {}

  /// False where it is no valid object, or is not alone on its line. A broken one may have led into
  /// the next lines.
  bool run() {
    return character() == '{' && walk_object(0, 1) && token_[-1] < line_end_ &&
           *token_ >= line_end_;
  }

  /// Behind the record, where run() is true.
  const std::uint32_t* token() const { return token_; }

 private:
  static constexpr std::uint32_t kMaxDepth = TokenIndex::kMaxDepth;

  char character() const { return token_ == tokens_end_ ? '\0' : base_[*token_]; }

  /// Of the token at hand, without the blanks behind it.
  std::string_view token_text() const {
    const char* const begin = base_ + *token_;
    const char* end = base_ + token_[1];
    while (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r' || end[-1] == '\n') --end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  /// The string at hand, unescaped.
  bool take_string(std::string_view& text) {
    const std::string_view token = token_text();
    if (token.size() < 2 || token.back() != '"') return false;
    text = token.substr(1, token.size() - 2);
    ++token_;
    return !has_escapes_ || unescape(text);
  }

  bool unescape(std::string_view& text) {
    if (text.find('\\') == std::string_view::npos) return true;
    const auto unescaped = unescape_json(text, texts_);
    if (!unescaped) return false;
    text = *unescaped;
    return true;
  }

  bool walk_object(std::uint32_t node, std::uint32_t depth) {
    if (depth > kMaxDepth || *token_ >= line_end_) return false;
    ++token_;
    if (character() == '}') return ++token_, true;
    std::uint64_t seen = 0;
    while (true) {
      std::string_view key;
      if (character() != '"' || !take_string(key) || character() != ':') return false;
      ++token_;
      if (has_escapes_ && key.find('\0') != std::string_view::npos) return false;
      const JsonFields::Member* const member =
          node == JsonFields::kNone ? nullptr : find(wanted_.node(node), key, seen);
      if (!walk_value(member, depth)) return false;
      const char next = character();
      ++token_;
      if (next == '}') return true;
      if (next != ',') return false;
    }
  }

  bool walk_array(std::uint32_t node, std::uint32_t depth) {
    if (depth > kMaxDepth || *token_ >= line_end_) return false;
    ++token_;
    if (character() == ']') return ++token_, true;
    for (std::uint64_t index = 0;; ++index) {
      const JsonFields::Member* const member =
          node == JsonFields::kNone ? nullptr : find_element(wanted_.node(node), index);
      if (!walk_value(member, depth)) return false;
      const char next = character();
      ++token_;
      if (next == ']') return true;
      if (next != ',') return false;
    }
  }

  /// The member of this key, the first time that it comes.
  const JsonFields::Member* find(const JsonFields::Node& node, std::string_view key,
                                 std::uint64_t& seen) const {
    const std::uint64_t head = head_of(key);
    for (std::size_t i = 0; i < node.members.size(); ++i) {
      const JsonFields::Member& member = node.members[i];
      if (member.head != head || member.key.size() != key.size()) continue;
      if (key.size() > JsonFields::kHeadBytes && member.key != key) continue;
      const std::uint64_t bit = std::uint64_t{1} << i;
      if ((seen & bit) != 0) return nullptr;
      seen |= bit;
      return &member;
    }
    return nullptr;
  }

  /// See JsonFields::Member. A key that was unescaped stands elsewhere than in the line.
  std::uint64_t head_of(std::string_view key) const {
    constexpr std::size_t kBytes = JsonFields::kHeadBytes;
    std::uint64_t head = 0;
    if (!has_escapes_ && line_.readable_end - key.data() >= std::ptrdiff_t{kBytes}) {
      std::memcpy(&head, key.data(), kBytes);
      if (key.size() < kBytes) head &= (std::uint64_t{1} << (8 * key.size())) - 1;
    } else {
      std::memcpy(&head, key.data(), std::min(key.size(), kBytes));
    }
    return head;
  }

  static const JsonFields::Member* find_element(const JsonFields::Node& node, std::uint64_t index) {
    const auto found =
        std::find_if(node.members.begin(), node.members.end(), [index](const auto& member) {
          return member.is_index && member.key == std::to_string(index);
        });
    return found == node.members.end() ? nullptr : &*found;
  }

  bool walk_value(const JsonFields::Member* member, std::uint32_t depth) {
    const char first = character();
    if (member == nullptr) return pass_value(first, depth);
    if (member->slot == JsonFields::kNone) {
      if (first == '{') return walk_object(member->child, depth + 1);
      if (first == '[') return walk_array(member->child, depth + 1);
      return pass_value(first, depth);
    }
    present_[member->slot / 64] |= std::uint64_t{1} << member->slot % 64;
    Field& field = slots_[member->slot];
    const auto at = static_cast<std::uint32_t>(base_ + *token_ - line_.record);
    std::string_view text;
    if (first == '{' || first == '[') {
      field.set({}, at);
      field.kind = Field::Kind::composite;
      return first == '{' ? walk_object(member->child, depth + 1)
                          : walk_array(member->child, depth + 1);
    }
    const bool is_good = first == '"' ? take_string(text) : take_scalar(text);
    if (first == 'n') text = {};
    field.set(text, at);
    return is_good;
  }

  /// One that nobody asked for.
  bool pass_value(char first, std::uint32_t depth) {
    std::string_view text;
    if (first == '"') {
      if (has_escapes_) return take_string(text);
      ++token_;  // the index has seen it end
      return true;
    }
    if (first == '{') return walk_object(JsonFields::kNone, depth + 1);
    if (first == '[') return walk_array(JsonFields::kNone, depth + 1);
    return take_scalar(text);
  }

  bool take_scalar(std::string_view& token) {
    if (token_ == tokens_end_) return false;
    token = token_text();
    ++token_;
    return is_json_scalar(token);
  }

  const JsonFields& wanted_;
  const char* base_;
  const Line& line_;
  std::uint32_t line_end_;  ///< its place, as tokens have it
  const std::uint32_t* token_;
  const std::uint32_t* tokens_end_;
  bool has_escapes_;
  Field* slots_;
  std::uint64_t* present_;
  BatchText& texts_;
};

}  // namespace billing
