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

  /// Of an event and the record that it was made of, without a byte order mark.
  std::variant<DuplicateKey, Flaw> key_of(const RecordValues* values, const MappedEvent& event,
                                          std::string_view record) const;

 private:
  /// A part is the event's, or it has a source.
  struct Part {
    std::string of_event;
    Source source;
  };

  bool is_record_ = false;
  bool keeps_missing_;
  std::string outer_spaces_;
  std::vector<Part> parts_;
};

/// An event and where it stands.
struct WaitingEvent {
  MappedEvent event;
  std::size_t input = 0;
  std::uint64_t line = 0;
  std::uint64_t offset_bytes = 0;
  std::string record;
  std::uint64_t record_bytes = 0;
};

class Duplicates {
 public:
  void add(const DuplicateKey& key, WaitingEvent event);

  /// Those that stay, and all others in the order of the inputs. Nothing waits any more.
  struct Parted {
    std::vector<WaitingEvent> kept;
    std::vector<WaitingEvent> dropped;
  };
  Parted part(bool keeps_largest);

 private:
  std::map<std::string, std::vector<WaitingEvent>> by_key_;
  std::vector<WaitingEvent> without_key_;
};

}  // namespace billing::naive
