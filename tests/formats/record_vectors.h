#pragma once

// tests/oracle/records.csv: thousands of records and what they mean, made by an independent
// program. Columns: the record's bytes in hex, without its LF; then `blank`, `reason@column` or
// `time_ns|user_hex|task_hex|status|quantity`.

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "billing/reject.h"

namespace billing {

struct RecordVector {
  std::string record;
  std::string record_hex;
  std::string expected;
};

inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

inline std::vector<RecordVector> read_record_vectors() {
  std::ifstream file(std::string(BILLING_TEST_DATA_DIR) + "/oracle/records.csv");
  std::vector<RecordVector> vectors;
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "record_hex,expected");
  while (std::getline(file, line)) {
    const std::size_t comma = line.find(',');
    const std::string hex = line.substr(0, comma);
    vectors.push_back({from_hex(hex), hex, line.substr(comma + 1)});
  }
  return vectors;
}

/// As the column `expected` has it. Says the names itself, so that those of the product are tested.
inline std::string describe_reject(RejectReason reason, std::uint32_t column) {
  constexpr std::array<std::string_view, kRejectReasonCount> kNames{
      "too_long", "field_count", "bad_record",   "bad_time",     "bad_user",
      "bad_task", "bad_status",  "bad_duration", "bad_quantity", "unrated_task"};
  return std::string(kNames.at(static_cast<std::size_t>(reason))) + "@" + std::to_string(column);
}

inline std::string describe_event(std::int64_t time_ns, std::string_view user,
                                  std::string_view task, unsigned status, std::uint64_t quantity) {
  return std::to_string(time_ns) + "|" + to_hex(user) + "|" + to_hex(task) + "|" +
         std::to_string(status) + "|" + std::to_string(quantity);
}

}  // namespace billing
