#pragma once

// `--dedupe-by`, the plain way: every event waits under its key in a map until all inputs are read.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "billing/record_format.h"
#include "naive/event_mapping.h"
#include "naive/record_parser.h"
#include "naive/record_values.h"
#include "naive/selector.h"

namespace billing::naive {

/// What a record has in common with its duplicates; nothing where it has none.
using DuplicateKey = std::optional<std::string>;

/// Makes keys of the records of an input.
class KeyRule {
 public:
  /// Throws Error(configuration) for settings that are none. `values` are null for `text`.
  KeyRule(const RecordFormat& format, const RecordValues* values);

  bool is_asked() const { return is_record_ || !parts_.empty(); }

  /// Of a record's events and the record itself, without a byte order mark.
  std::variant<DuplicateKey, Flaw> key_of(const RecordValues* values,
                                          const std::vector<MappedEvent>& events,
                                          std::string_view record) const;

 private:
  /// A part is the event's, or it has a source.
  struct Part {
    std::string of_event;
    Source source;
  };

  std::string text_of(const std::string& part, const std::vector<MappedEvent>& events) const;

  bool is_record_ = false;
  bool has_measures_;
  bool keeps_missing_;
  std::string outer_spaces_;
  std::vector<Part> parts_;
};

/// An accepted record and where it stands.
struct WaitingRecord {
  std::vector<MappedEvent> events = {};
  QuantityRounding rounding = {};  ///< of these events
  std::size_t input = 0;
  std::uint64_t text_at = 0;  ///< in the input, or in the text that was taken out of its wrapper
  std::uint64_t line = 0;
  std::uint64_t offset_bytes = 0;
  std::string record = {};
  std::uint64_t record_bytes = 0;
};

class Duplicates {
 public:
  void add(const DuplicateKey& key, WaitingRecord record);

  /// Those that stay, and all others in the order of the inputs. Nothing waits any more.
  struct Parted {
    std::vector<WaitingRecord> kept;
    std::vector<WaitingRecord> dropped;
  };
  Parted part(bool keeps_largest);

 private:
  std::map<std::string, std::vector<WaitingRecord>> by_key_;
  std::vector<WaitingRecord> without_key_;
};

}  // namespace billing::naive
