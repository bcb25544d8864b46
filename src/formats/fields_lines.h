#pragma once

// `#Fields:` lines of W3C extended logs. Each names the columns of all lines behind it, up to the
// next one: what holds where a chunk begins is a fold over all bytes before it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/mediate.h"
#include "billing/record_source.h"

namespace billing {

/// Longer ones are rejects `too_long`, and not obeyed: as no limit on records may be smaller, all
/// who read an input agree on which those are.
inline constexpr std::uint64_t kMaxFieldsLineBytes = kMinRecordLimitBytes;

/// What holds at a record.
class ColumnsState final : public RecordState {
 public:
  explicit ColumnsState(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  std::vector<std::string> columns_;
};

/// The columns that a state names; `otherwise` where it is of another kind.
std::vector<std::string> columns_in(const RecordState* state,
                                    const std::vector<std::string>& otherwise);

/// The columns that such a line, without its end, names; nothing where it is none.
std::optional<std::vector<std::string>> columns_of(std::string_view line);

/// What holds behind whole records at whose start `state` holds.
std::shared_ptr<const RecordState> columns_behind(std::shared_ptr<const RecordState> state,
                                                  std::string_view records, bool at_input_start);

/// All that such lines name, each once, behind the names in `names`.
std::vector<std::string> all_columns(std::string_view bytes, std::vector<std::string> names);

/// Lines; `columns` hold at the start.
std::unique_ptr<RecordCutter> make_fields_cutter(std::vector<std::string> columns,
                                                 bool at_input_start);

}  // namespace billing
