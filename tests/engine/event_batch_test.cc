// What a host may hand to a meter, and how it finds out.

#include "billing/event_batch.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "billing/meter.h"
#include "engine_fixture.h"

namespace billing {
namespace {

using namespace std::string_view_literals;

std::unique_ptr<EventBatch> batch_of(std::string_view user, std::string_view task,
                                     std::uint16_t status = 200, std::uint64_t quantity = 1) {
  auto batch = std::make_unique<EventBatch>();
  batch->size = 2;
  for (std::size_t i = 0; i < 2; ++i) {
    batch->time_ns[i] = 0;
    batch->user[i] = i == 0 ? "user" : user;
    batch->task[i] = i == 0 ? "task" : task;
    batch->status[i] = i == 0 ? std::uint16_t{200} : status;
    batch->quantity[i] = i == 0 ? 1 : quantity;
  }
  return batch;
}

/// What is said of a batch; empty where it is as it should be.
std::string complaint(const EventBatch& batch) {
  try {
    validate(batch);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(EventBatchTest, NamesOfDecodersAreValid) {
  const std::string longest(kMaxNameBytes, 'x');
  for (const std::string_view name :
       {"a"sv, "a b"sv, "\u00e4\u00a0"sv, std::string_view(longest)}) {
    EXPECT_EQ(complaint(*batch_of(name, "task")), "");
    EXPECT_EQ(complaint(*batch_of("user", name)), "");
  }
}

TEST(EventBatchTest, NamesThatMetersWouldNotTellApartAreRefused) {
  EXPECT_EQ(complaint(*batch_of("a\0"sv, "task")),
            "event 1 of a batch: its user is 'a\\x00', not 1 to 255 bytes of UTF-8 without control "
            "characters");
  EXPECT_NE(complaint(*batch_of("user", "\0"sv)), "");
  EXPECT_NE(complaint(*batch_of("user", "a\0b"sv)), "");
}

TEST(EventBatchTest, NamesThatNoRecordHasAreRefused) {
  const std::string too_long(kMaxNameBytes + 1, 'x');
  for (const std::string_view name :
       {""sv, "\n"sv, "\x7f"sv, "\u0085"sv, "\xff"sv, "\xc3"sv, std::string_view(too_long)}) {
    EXPECT_NE(complaint(*batch_of(name, "task")).find("its user is"), std::string::npos);
    EXPECT_NE(complaint(*batch_of("user", name)).find("its task is"), std::string::npos);
  }
}

TEST(EventBatchTest, NumbersBeyondTheBoundsAreRefused) {
  EXPECT_EQ(complaint(*batch_of("user", "task", kMaxStatus, kMaxQuantity)), "");
  EXPECT_EQ(complaint(*batch_of("user", "task", kMaxStatus + 1)),
            "event 1 of a batch: its status is 1000, not 0 to 999");
  EXPECT_NE(complaint(*batch_of("user", "task", 200, kMaxQuantity + 1)), "");
  EXPECT_EQ(complaint(*batch_of("user", "task", kNoStatus, -kMaxQuantity)), "");
  EXPECT_NE(complaint(*batch_of("user", "task", 200, -kMaxQuantity - 1)), "");
}

TEST(EventBatchTest, MoreEventsThanThereIsRoomForAreRefused) {
  const auto batch = batch_of("user", "task");
  batch->size = kEventBatchCapacity + 1;
  EXPECT_NE(complaint(*batch).find("1025 events"), std::string::npos);
}

#ifndef NDEBUG
TEST(EventBatchTest, AMeterWithAssertionsTakesNoOther) {
  const TestCycles cycles;
  Meter meter({UsageKey{true, false}, &cycles});
  EXPECT_THROW(meter.add(*batch_of("a\0"sv, "task")), std::invalid_argument);
}
#endif

}  // namespace
}  // namespace billing
