#include "cli/bench_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/count_text.h"

namespace billing::cli {
namespace {

/// The median of the values that `value` picks from the runs.
template <class Pick>
double median(const std::vector<Measurement>& runs, const Pick& value) {
  std::vector<double> values;
  values.reserve(runs.size());
  for (const Measurement& run : runs) values.push_back(value(run));
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double wall_s(const Measurement& run) { return run.wall_s; }
double cpu_s(const Measurement& run) { return run.cpu_s; }
double peak_mb(const Measurement& run) {
  return static_cast<double>(run.peak_anonymous_bytes) / 1e6;
}

/// The figures of one engine that both forms show.
struct Figures {
  explicit Figures(const BenchRow& row)
      : wall(median(row.runs, wall_s)),
        cpu(median(row.runs, cpu_s)),
        peak(median(row.runs, peak_mb)),
        records(static_cast<double>(row.runs.front().records)),
        bytes(static_cast<double>(row.runs.front().bytes)) {
    const auto [low, high] = std::minmax_element(
        row.runs.begin(), row.runs.end(),
        [](const Measurement& a, const Measurement& b) { return a.wall_s < b.wall_s; });
    fastest = low->wall_s;
    slowest = high->wall_s;
  }
  double wall, cpu, peak, records, bytes, fastest = 0, slowest = 0;
};

std::vector<std::pair<std::string, double>> pass_medians(const BenchRow& row) {
  std::vector<std::pair<std::string, double>> medians;
  for (std::size_t i = 0; i < row.runs.front().passes.size(); ++i) {
    medians.emplace_back(
        row.runs.front().passes[i].first,
        median(row.runs, [i](const Measurement& run) { return run.passes[i].second; }));
  }
  return medians;
}

}  // namespace

std::string bench_table(const std::vector<BenchRow>& rows, bool passes) {
  std::string text = fmt::format("{:<9}{:>8}{:>13}{:>8}{:>11}{:>9}  {:<15}{:>8}{:>9}{:>9}\n",
                                 "engine", "threads", "M records/s", "GB/s", "ns/record", "wall s",
                                 "(min-max)", "CPU s", "peak MB", "speed-up");
  const double first_wall = Figures(rows.front()).wall;
  for (const BenchRow& row : rows) {
    const Figures f(row);
    text += fmt::format(
        "{:<9}{:>8}{:>13.2f}{:>8.2f}{:>11.1f}{:>9.3f}  {:<15}{:>8.2f}{:>9.1f}{:>8.1f}x\n",
        row.name(), row.threads, f.records / f.wall / 1e6, f.bytes / f.wall / 1e9,
        f.wall / f.records * 1e9, f.wall, fmt::format("({:.3f}-{:.3f})", f.fastest, f.slowest),
        f.cpu, f.peak, first_wall / f.wall);
  }
  text += fmt::format("{} records, {:.3f} GB; medians of {} runs; all results identical\n",
                      grouped(rows.front().runs.front().records), Figures(rows.front()).bytes / 1e9,
                      rows.front().runs.size());
  if (!passes) return text;
  for (const BenchRow& row : rows) {
    text += fmt::format("\npasses of {}, {} thread{}\n", row.name(), row.threads,
                        row.threads == 1 ? "" : "s");
    for (const auto& [name, pass_s] : pass_medians(row)) {
      text += fmt::format("  {:<16}{:>9.4f} s{:>9.2f} ns/record\n", name, pass_s,
                          pass_s / Figures(row).records * 1e9);
    }
  }
  return text;
}

std::string bench_json(const std::vector<BenchRow>& rows) {
  std::string json;
  for (const BenchRow& row : rows) {
    const Figures f(row);
    std::string runs;
    for (const Measurement& run : row.runs) {
      runs += fmt::format("{}{:.6f}", runs.empty() ? "" : ",", run.wall_s);
    }
    std::string passes;
    for (const auto& [name, pass_s] : pass_medians(row)) {
      passes += fmt::format("{}\"{}\":{:.6f}", passes.empty() ? "" : ",", name, pass_s);
    }
    json += fmt::format(
        R"({}{{"engine":"{}","threads":{},"wall_s":{:.6f},"runs_wall_s":[{}],"cpu_s":{:.6f},)"
        R"("peak_anonymous_mb":{:.1f},"records_per_s":{:.0f},"gb_per_s":{:.4f},)"
        R"("ns_per_record":{:.3f},"speed_up":{:.3f},"passes_s":{{{}}}}})",
        json.empty() ? "" : ",", row.name(), row.threads, f.wall, runs, f.cpu, f.peak,
        f.records / f.wall, f.bytes / f.wall / 1e9, f.wall / f.records * 1e9,
        Figures(rows.front()).wall / f.wall, passes);
  }
  return fmt::format(
      "{{\"records\":{:.0f},\"bytes\":{:.0f},\"identical\":true,\"engines\":[{}]}}\n",
      Figures(rows.front()).records, Figures(rows.front()).bytes, json);
}

}  // namespace billing::cli
