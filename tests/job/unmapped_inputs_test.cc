// Inputs that are read and not mapped, for hosts that have no handler of SIGBUS.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <stdexcept>
#include <string>

#include "billing/error.h"
#include "job/partials_fixture.h"

namespace billing {
namespace {

class UnmappedInputsTest : public PartialsTest {
 protected:
  UnmappedInputsTest() { job.unrated = UnratedPolicy::zero; }
};

TEST_F(UnmappedInputsTest, MakeTheSameBill) {
  const std::string expected = parallel().statement;
  job.maps_inputs = false;
  EXPECT_EQ(parallel().statement, expected);
  EXPECT_EQ(parallel({3, 1000}).statement, expected);
}

TEST_F(UnmappedInputsTest, MayBeCutShortWhileTheyAreRead) {
  constexpr std::size_t kChunkBytes = 4000;
  ASSERT_GT(log_.size(), 4 * kChunkBytes);
  job.maps_inputs = false;
  job.chunk_bytes = kChunkBytes;
  job.inputs = {at("cut.log")};
  std::ofstream(at("cut.log"), std::ios::binary) << log_;
  job.output = at("bill");
  std::atomic<bool> is_cut = false;
  hooks.progress = [&](const Progress& progress) {
    if (progress.pass == "reading" && progress.done > 0 && !is_cut.exchange(true)) {
      ASSERT_EQ(truncate(at("cut.log").c_str(), 0), 0);
    }
  };
  try {
    aggregate(job, hooks);
    FAIL() << "billed a log that has gone";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::run);
    EXPECT_NE(std::string(error.what()).find("changed while it was read"), std::string::npos)
        << error.what();
  }
  EXPECT_TRUE(is_cut);
}

TEST_F(UnmappedInputsTest, HaveNoState) {
  job.maps_inputs = false;
  job.state = at("state");
  EXPECT_THROW(aggregate(job, {}), std::invalid_argument);
}

}  // namespace
}  // namespace billing
