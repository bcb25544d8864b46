#pragma once

// Partials of a log and of its pieces, as bytes.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "billing/partials.h"
#include "job/engine_comparison.h"

namespace billing {

using Blobs = std::vector<std::string>;

inline std::vector<std::shared_ptr<const ByteSource>> sources_of(const Blobs& blobs) {
  std::vector<std::shared_ptr<const ByteSource>> sources;
  for (const std::string& blob : blobs) {
    sources.push_back(
        std::make_shared<BytesInMemory>("blob " + std::to_string(sources.size() + 1), blob));
  }
  return sources;
}

inline std::string merged(const Blobs& blobs, const WorkLimits& limits = {}) {
  std::string bytes;
  MergedPartials(sources_of(blobs), limits).write([&](std::string_view more) { bytes += more; });
  return bytes;
}

class PartialsTest : public EngineComparison {
 protected:
  PartialsTest() {
    std::mt19937_64 random(23);
    for (int i = 0; i < 2000; ++i) {
      log_ += "2025-05-0" + std::to_string(1 + random() % 9) +
              "T10:00:" + std::to_string(10 + random() % 50) + "Z user" +
              std::to_string(random() % 40) +
              (random() % 30 == 0  ? " bad"
               : random() % 3 == 0 ? " login"
                                   : " load") +
              " 20" + std::to_string(random() % 3) + ' ' + std::to_string(random() % 5000) + "ms\n";
      if (random() % 50 == 0) log_ += '\n';
    }
    read_file(log_);
    job.inputs = {at("0.log")};
    std::ofstream(path(), std::ios::binary) << log_;
    options_.cycles.policy = "day";
  }

  /// A partial of a piece of the log.
  std::string part(std::size_t begin, std::size_t end, const WorkLimits& limits = {}) const {
    PartialMaker maker(options_, limits);
    if (accepted_) maker.reject_unrated(*accepted_);
    const bool is_whole = begin == 0 && end == log_.size();
    maker.begin_input(
        path(), is_whole ? std::nullopt : std::optional(InputPiece{begin, end == log_.size()}));
    const std::string_view bytes = std::string_view(log_).substr(begin, end - begin);
    for (std::size_t at = 0; at < bytes.size();) {
      std::size_t next = bytes.find('\n', std::min(at + 700, bytes.size() - 1));
      next = next == std::string_view::npos ? bytes.size() : next + 1;
      maker.add_records({bytes.substr(at, next - at), next - at, begin + at == 0}, {},
                        [](const Reject&) {});
      at = next;
    }
    std::string partial;
    maker.finish([&](std::string_view more) { partial += more; });
    return partial;
  }

  /// Pieces of the log, cut at lines.
  Blobs parts(std::size_t count, std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> cuts{0, log_.size()};
    while (cuts.size() < count + 1) cuts.push_back(log_.find('\n', random() % log_.size()) + 1);
    std::sort(cuts.begin(), cuts.end());
    Blobs blobs;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      if (cuts[i] > cuts[i - 1]) blobs.push_back(part(cuts[i - 1], cuts[i]));
    }
    std::shuffle(blobs.begin(), blobs.end(), random);
    return blobs;
  }

  /// What a job of the program makes of the whole log.
  std::string partial_of_job() {
    job.usage = options_;
    job.usage.where.clear();  // the format's
    job.engine = EngineKind::parallel;
    job.rejects = at("rejects");
    job.partial = at("partial");
    aggregate(job, {});
    job.partial.reset();
    std::ifstream file(at("partial"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string path() const { return job.inputs.front(); }

  std::string log_;
  UsageOptions options_;
  std::optional<PriceBook> accepted_;  ///< makers reject what has no rate in it
};

}  // namespace billing
