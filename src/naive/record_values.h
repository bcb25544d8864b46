#pragma once

// What selectors find in one record.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"
#include "naive/local_zone.h"
#include "naive/selector.h"
#include "naive/task_path.h"
#include "naive/value.h"

namespace billing::naive {

class RecordValues {
 public:
  /// `decoder` must outlive it; its last record is meant.
  RecordValues(const FieldDecoder& decoder, const RecordFormat& format);

  /// Throws Error(configuration) where a selector names what no record has.
  void check(std::string_view setting, const Selector& selector) const;

  /// The event's time, which `date` and `hour` are made of; nothing where there is none.
  void set_time(std::optional<std::int64_t> time_ns, std::uint32_t column);

  /// Whether it is one of those, in this format.
  bool is_derived_of_time(const FieldName& name) const;

  /// One field; empty ones and others that stand for nothing are missing.
  Value field(const FieldName& name) const;

  /// With `paths` what stands for `$path` and `$uri` is rewritten.
  Value value(const Source& source, const TaskPaths* paths = nullptr) const;

  /// Of a composed source, missing where any of its fields is.
  Value whole_value(const Source& source) const;

  const FieldDecoder& decoder() const { return decoder_; }

 private:
  bool says_nothing(std::string_view text) const;
  Value derived_of_time(const FieldName& name) const;
  Value composed(const Source& source, const TaskPaths* paths) const;

  const FieldDecoder& decoder_;
  bool is_web_;
  bool is_json_;
  bool has_time_parts_;  ///< `date` and `hour`
  std::vector<FieldAlias> aliases_;
  std::vector<std::string> missing_words_;
  LocalZone zone_;
  std::optional<std::int64_t> time_ns_;
  std::uint32_t time_column_ = 1;
};

}  // namespace billing::naive
