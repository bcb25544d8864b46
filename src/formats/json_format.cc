#include "formats/json_format.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "formats/batch_filler.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/json_tokens.h"
#include "formats/line_scanner.h"

namespace billing {
namespace {

constexpr std::uint32_t kMaxDepth = TokenIndex::kMaxDepth;

/// A record as it is walked: its tokens, and what is wanted of it. Every token is looked at, so
/// that a record is valid as a whole, also where nobody asked.
class RecordWalk {
 public:
  /// `base` is what token places count from; the record's first token is `token`, and those of all
  /// records end at `tokens_end`, which leads to the end of the text.
  RecordWalk(const JsonFields& wanted, const char* base, const Line& line,
             const std::uint32_t* token, const std::uint32_t* tokens_end, bool has_escapes,
             Field* slots, std::uint64_t* present, BatchText& texts)
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

class JsonFormat final : public InputFormat {
 public:
  explicit JsonFormat(const RecordFormat& format)
      : mapper_(format), wanted_(mapper_.fields()), dash_is_missing_(format.dash_is_missing) {}

  MediationCounts mediate(const RecordBytes& records, const MediationOptions& options,
                          EventBatch& batch, const BatchSink& on_batch,
                          const RejectSink& on_reject) const override;
  std::uint32_t task_column(std::string_view record) const override;

 private:
  friend class JsonDecoder;

  RecordMapper mapper_;
  JsonFields wanted_;
  bool dash_is_missing_;
};

/// One call of mediate(): indexes windows of lines at once, and a line by itself where its window
/// has one that is no JSON.
class JsonDecoder {
 public:
  explicit JsonDecoder(const JsonFormat& format)
      : format_(format),
        slots_(format.wanted_.slot_count()),
        present_(format.wanted_.slot_count() / 64 + 1) {}

  void run(const RecordBytes& records, std::uint64_t max_record_bytes, BatchFiller& filler) {
    const std::string_view bytes = records.bytes;
    LineScanner lines(records, max_record_bytes);
    Line line;
    bool has_line = lines.next(line);
    while (has_line) {
      // Lines that end within the window, or the one that does not.
      const std::uint64_t begin =
          lines.offset_bytes(line) + static_cast<std::uint64_t>(line.begin - line.record);
      const std::string_view window = window_from(bytes.substr(begin));
      if (window.empty()) {  // behind a byte order mark that is all there is
        decode_alone(line, lines.offset_bytes(line), filler);
        return;
      }
      const char* const window_end = window.data() + window.size();
      const bool is_indexed = !line.is_too_long && index_.scan(window);
      const std::uint32_t* token = is_indexed ? index_.begin() : nullptr;
      next_escape_ = window.data();
      for (; has_line && line.begin < window_end; has_line = lines.next(line)) {
        if (is_indexed) {
          token = decode(line, lines.offset_bytes(line), window.data(), token, filler);
        } else {
          decode_alone(line, lines.offset_bytes(line), filler);
        }
      }
    }
  }

  /// Fills in the fields of a record by itself; false where it is no object.
  bool fill_alone(const Line& line, Field* fields, BatchText& texts) {
    if (!index_.scan(line.text())) return false;
    next_escape_ = line.begin;
    const std::uint32_t* token = index_.begin();
    return fill(line, line.begin, token, fields, texts);
  }

 private:
  static constexpr std::size_t kWindowBytes = std::size_t{48} << 10;

  /// Whole lines.
  static std::string_view window_from(std::string_view bytes) {
    if (bytes.size() <= kWindowBytes) return bytes;
    const std::size_t last = bytes.substr(0, kWindowBytes).rfind('\n');
    if (last != std::string_view::npos) return bytes.substr(0, last + 1);
    const std::size_t first = bytes.find('\n', kWindowBytes);
    return first == std::string_view::npos ? bytes : bytes.substr(0, first + 1);
  }

  /// Returns the first token behind the line.
  const std::uint32_t* decode(const Line& line, std::uint64_t offset_bytes, const char* base,
                              const std::uint32_t* token, BatchFiller& filler) {
    const auto end = static_cast<std::uint32_t>(line.end - base);
    const std::uint32_t* behind = token;
    const bool has_tokens = token != index_.end() && *token < end;
    if (line.is_too_long) {
      filler.reject(RejectReason::too_long, 1, offset_bytes, line.length_bytes());
    } else if (!has_tokens && is_blank(line)) {
      filler.blank();
    } else if (has_tokens && fill(line, base, behind, filler.fields(), filler.texts())) {
      filler.take(offset_bytes, line.length_bytes());
      return behind;
    } else {
      filler.reject(RejectReason::bad_record, 1, offset_bytes, line.length_bytes());
    }
    while (behind != index_.end() && *behind < end) ++behind;
    return behind;
  }

  void decode_alone(const Line& line, std::uint64_t offset_bytes, BatchFiller& filler) {
    take_line(line, offset_bytes, filler,
              [&](Field* fields, BatchText& texts) { return fill_alone(line, fields, texts); });
  }

  /// `token` is the record's first; it becomes the one behind the record where that is an object.
  bool fill(const Line& line, const char* base, const std::uint32_t*& token, Field* fields,
            BatchText& texts) {
    std::fill(present_.begin(), present_.end(), 0);
    RecordWalk walk(format_.wanted_, base, line, token, index_.end(), has_escapes(line),
                    slots_.data(), present_.data(), texts);
    if (!walk.run()) return false;
    token = walk.token();
    const auto is_present = [this](std::uint32_t slot) {
      return slot != JsonFields::kNone && (present_[slot / 64] >> slot % 64 & 1) != 0;
    };
    const auto& names = format_.wanted_.names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::uint32_t slot =
          is_present(names[i].key_slot) ? names[i].key_slot : names[i].path_slot;
      if (!is_present(slot)) {
        fields[i].set({}, 0);
        continue;
      }
      const Field& value = slots_[slot];
      const bool is_dash = format_.dash_is_missing_ && value.text == "-";
      fields[i].set(is_dash ? std::string_view() : value.text, value.at);
      if (value.kind == Field::Kind::composite) fields[i].kind = value.kind;
    }
    return true;
  }

  /// Whether a backslash stands in the line: most windows have none, and are searched once.
  bool has_escapes(const Line& line) {
    if (next_escape_ < line.begin) next_escape_ = line.begin;
    if (next_escape_ >= line.end || *next_escape_ == '\\') return next_escape_ < line.end;
    const void* const found =
        std::memchr(next_escape_, '\\', static_cast<std::size_t>(line.end - next_escape_));
    if (found == nullptr) return false;
    next_escape_ = static_cast<const char*>(found);
    return true;
  }

  const JsonFormat& format_;
  TokenIndex index_;
  std::vector<Field> slots_;
  std::vector<std::uint64_t> present_;
  const char* next_escape_ = nullptr;
};

MediationCounts JsonFormat::mediate(const RecordBytes& records, const MediationOptions& options,
                                    EventBatch& batch, const BatchSink& on_batch,
                                    const RejectSink& on_reject) const {
  BatchFiller filler(mapper_, records, batch, on_batch, on_reject);
  JsonDecoder(*this).run(records, options.max_record_bytes, filler);
  return filler.finish(records.bytes.size());
}

std::uint32_t JsonFormat::task_column(std::string_view record) const {
  std::vector<Field> fields(mapper_.fields().size());
  BatchText texts;
  LineScanner lines({record, record.size(), true}, record.size());
  Line line;
  if (!lines.next(line) || !JsonDecoder(*this).fill_alone(line, fields.data(), texts)) return 1;
  return mapper_.task_at(fields.data(), texts) + 1;
}

}  // namespace

std::shared_ptr<const InputFormat> make_json_format(const RecordFormat& format) {
  return std::make_shared<JsonFormat>(format);
}

}  // namespace billing
