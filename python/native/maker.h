#pragma once

// What billing.PartialMaker does, apart from its binding: reads files, pieces of files, lines and
// tables, and makes their usage a partial, or one for each range of users.

#include <nanobind/nanobind.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/aggregate.h"
#include "billing/choose_format.h"
#include "billing/partials.h"
#include "billing/record_source.h"
#include "interrupts.h"
#include "reject_table.h"

namespace billing::python {

/// Where lines in memory come from.
struct LinesPlace {
  std::string name;                 ///< of the input
  std::optional<InputPiece> piece;  ///< none: they are all of it
  std::optional<InputSample>
      sample;  ///< the input's beginning, where its format is to be found out
};

/// Not for concurrent use: a second thread gets an Error(run). Call with the GIL, which is released
/// inside.
class Maker {
 public:
  /// `kept_rejects`: see RejectTable.
  Maker(AggregateJob job, std::uint64_t kept_rejects);

  void add_file(const std::string& path, std::uint64_t begin, std::optional<std::uint64_t> end);
  void add_lines(std::string_view bytes, const LinesPlace& place);
  void add_events(nanobind::handle table, const std::string& name,
                  const std::optional<std::string>& time_unit);

  /// One partial for each range of users; see PartialMaker::finish(). Where `begins` are none, all
  /// is one. Throws Error(rejects) where there are too many rejects, if they are `judged`.
  std::vector<std::string> finish(const std::vector<std::string>& begins, bool judged);

  const InputTotals& totals() const { return totals_; }
  const QuantityRules& quantity() const { return quantity_; }
  /// Line ends, of all that was added but tables.
  std::uint64_t lines() const { return lines_; }
  std::size_t memory_bytes() const { return maker_ && !is_spent_ ? maker_->memory_bytes() : 0; }
  const std::shared_ptr<RejectTable>& rejects() const { return rejects_; }

 private:
  void work(const std::function<void()>& step);
  void start(const QuantityRules& quantity);
  void start_without_records();
  /// Adds all chunks of an input.
  void read(const std::string& name, const std::optional<InputPiece>& piece,
            const MediationOptions& mediation, const std::function<bool(Chunk&)>& next);
  void add(const Chunk& chunk, const MediationOptions& mediation, const std::string& name,
           std::uint64_t at);

  AggregateJob job_;
  WorkLimits limits_;
  QuantityRules quantity_;
  std::optional<PartialMaker> maker_;
  InputTotals totals_;
  std::uint64_t lines_ = 0;
  std::uint64_t lines_before_ = 0;  // the input at hand
  std::shared_ptr<RejectTable> rejects_;
  bool is_spent_ = false;
  WorkInSteps steps_{"PartialMaker"};
};

}  // namespace billing::python
