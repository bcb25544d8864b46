#pragma once

#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "cli/measured_run.h"

namespace billing::cli {

/// One engine's measured runs.
struct BenchRow {
  EngineKind engine;
  unsigned threads;
  std::vector<Measurement> runs;

  std::string name() const { return engine == EngineKind::naive ? "naive" : "parallel"; }
};

/// A table for people: medians, the spread of the wall time, and the speed-up over the first row.
/// With `passes` a second one.
std::string bench_table(const std::vector<BenchRow>& rows, bool passes);

/// One line with its LF: all of the table, passes included, and each run's wall time.
std::string bench_json(const std::vector<BenchRow>& rows);

}  // namespace billing::cli
