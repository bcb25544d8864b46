// What threads share while the input is read: the chunks, and the ledger of rejects.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "io/file_source.h"
#include "io/io_fixture.h"
#include "job/reject_ledger.h"

namespace billing {
namespace {

constexpr std::size_t kThreads = 8;

void in_threads(const std::function<void(std::size_t)>& action) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) threads.emplace_back(action, t);
  for (std::thread& thread : threads) thread.join();
}

class ReadingStress : public TemporaryFolderTest {
 protected:
  std::vector<Input> inputs_of(const std::vector<std::string>& texts, bool maps) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      make_file(std::to_string(i), texts[i]);
      paths.push_back(at(std::to_string(i)));
    }
    std::vector<Input> inputs = open_inputs(paths);
    for (Input& input : inputs) {
      if (maps) input.map_in_turn();
    }
    return inputs;
  }

  static std::string numbered_lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\n";
    return text;
  }

  /// Chunk after chunk, each record a reject of its own text.
  static ChunkRejects all_rejected(const Chunk& chunk) {
    ChunkRejects rejects(chunk.input);
    for (std::size_t at = 0; at < chunk.bytes.size(); rejects.add_lines(1)) {
      const std::size_t end = chunk.bytes.find('\n', at);
      rejects.add(make_rejected_record(rejects.lines(), chunk.offset_bytes + at, 1,
                                       RejectReason::field_count, chunk.bytes.substr(at, end - at),
                                       end - at));
      at = end + 1;
    }
    return rejects;
  }
};

TEST_F(ReadingStress, EveryByteGoesToOneThread) {
  const std::vector<std::string> texts{numbered_lines(5000), "", numbered_lines(1),
                                       numbered_lines(3000)};
  for (const bool maps : {true, false}) {
    std::vector<Input> inputs = inputs_of(texts, maps);
    FileSource source(inputs, 100, kDefaultMaxRecordBytes, line_cutters(), [] {});
    std::mutex mutex;
    std::vector<std::tuple<std::size_t, std::uint64_t, std::uint64_t, std::string>> pieces;
    in_threads([&](std::size_t) {
      for (Chunk chunk; source.next(chunk);) {
        const std::lock_guard lock(mutex);
        pieces.emplace_back(chunk.input, chunk.offset_bytes, chunk.sequence, chunk.bytes);
      }
    });
    std::sort(pieces.begin(), pieces.end());
    std::vector<std::string> together(texts.size());
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto& [input, offset_bytes, sequence, text] = pieces[i];
      ASSERT_EQ(sequence, i);
      ASSERT_EQ(offset_bytes, together[input].size());
      together[input] += text;
    }
    EXPECT_EQ(together, texts);
  }
}

TEST_F(ReadingStress, RejectsOfAllThreadsStandInTheOrderOfTheInput) {
  const std::vector<std::string> texts{numbered_lines(3000), numbered_lines(2000)};
  std::vector<Input> inputs = inputs_of(texts, true);
  const auto file = OutputFile::open(at("rejects"), std::nullopt);
  RejectFile rows(*file, false);
  RejectLedger ledger({&rows}, {{"first"}, {"second"}});
  FileSource source(inputs, 60, kDefaultMaxRecordBytes, line_cutters(), [] {});
  in_threads([&](std::size_t) {
    for (Chunk chunk; source.next(chunk);)
      ledger.add(chunk.sequence, all_rejected(chunk), true, [] {});
  });
  ledger.finish();
  file->commit();

  const std::vector<std::string> names{"first", "second"};
  std::string expected = "file,line,byte_offset,reason,record\n";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::size_t offset = 0;
    for (int line = 0; offset < texts[i].size(); ++line) {
      const std::string record = "line " + std::to_string(line);
      expected += names[i] + "," + std::to_string(line + 1) + "," + std::to_string(offset) +
                  ",field_count," + record + "\n";
      offset += record.size() + 1;
    }
  }
  EXPECT_EQ(content("rejects"), expected);
}

TEST_F(ReadingStress, ChunksMayReachTheLedgerInAnyOrder) {
  constexpr std::uint64_t kChunks = 4000;
  std::vector<std::uint64_t> order(kChunks);
  for (std::uint64_t i = 0; i < kChunks; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  RejectLedger ledger({}, {{"log"}});
  in_threads([&](std::size_t t) {
    for (std::size_t i = t; i < kChunks; i += kThreads) {
      const std::uint64_t chunk = order[i];
      const std::string record = std::to_string(chunk);
      ChunkRejects rejects(0);
      rejects.add(
          make_rejected_record(3, chunk * 100, 1, RejectReason::bad_time, record, record.size()));
      rejects.add_lines(10);
      ledger.add(chunk, std::move(rejects), true, [] {});
    }
  });
  InputTotals totals;
  totals.records = 10 * kChunks;
  totals.accepted = 9 * kChunks;
  totals.rejected[static_cast<std::size_t>(RejectReason::bad_time)] = kChunks;
  const auto verdict = RejectLedger::judge(std::nullopt, totals, false);
  EXPECT_EQ(verdict, RejectLedger::Verdict::too_many);
  const std::string error = ledger.describe(verdict, totals);
  for (const char* place : {"log:4:1:", "log:14:1:", "log:24:1:", "log:34:1:", "log:44:1:"})
    EXPECT_TRUE(contains(error, place)) << error;
  EXPECT_TRUE(contains(error, "and 3,995 more")) << error;
}

}  // namespace
}  // namespace billing
