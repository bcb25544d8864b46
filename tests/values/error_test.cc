// Messages as different hosts show them.

#include "billing/error.h"

#include <gtest/gtest.h>

namespace billing {
namespace {

constexpr const char* kMessage =
    "raise \1memory-limit, or \1temp-dir FOLDER\2; see billing aggregate --help\2 (half-even)";

TEST(TellTest, ShowsSettingsAsOptionsWithTheProgramsCommands) {
  EXPECT_EQ(tell(kMessage, "--"),
            "raise --memory-limit, or --temp-dir FOLDER; see billing aggregate --help (half-even)");
}

TEST(TellTest, ShowsSettingsAsIdentifiersWithoutCommands) {
  EXPECT_EQ(tell(kMessage, "", '_'), "raise memory_limit, or temp_dir FOLDER (half-even)");
}

TEST(TellTest, ANameEndsBeforeWhatIsNoName) {
  EXPECT_EQ(tell("\1files-from -: a-b; \1max-rejects=2-3; \1where", "", '_'),
            "files_from -: a-b; max_rejects=2-3; where");
}

TEST(TellTest, AnErrorTellsItsMessageWithoutMarks) {
  EXPECT_STREQ(Error(ErrorKind::run, kMessage).what(),
               "raise memory-limit, or temp-dir FOLDER (half-even)");
}

}  // namespace
}  // namespace billing
