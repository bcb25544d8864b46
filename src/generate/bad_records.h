// The ways in which a generated record can be bad. Each makes a line that a reader of the text
// format must reject, and with which reason.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace billing {

/// The fields of a record, before they are joined by single spaces. An empty field is left out.
struct RecordFields {
  std::string time, user, task, status, duration, extra;
};

struct BadRecordKind {
  std::string_view name;    // for people: "user of 256 bytes"
  std::string_view reason;  // the reject's reason: "bad_user"
  void (*spoil)(RecordFields& good);
};

/// Every kind, at most 255 of them; never changes while the program runs.
std::span<const BadRecordKind> bad_record_kinds();

/// A good line (without its LF; single spaces; a time `YYYY-MM-DDTHH:MM:SSZ`; a user of more than
/// four bytes) with one thing wrong. The result has at most 320 bytes, if the line had at most 100,
/// and holds no LF.
std::string spoil_record(std::string_view good_line, const BadRecordKind& kind);

}  // namespace billing
