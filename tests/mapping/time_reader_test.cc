#include "mapping/time_reader.h"

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "billing/error.h"
#include "mapping/exact_bytes.h"

namespace billing {
namespace {

/// The instant in UTC, or `reject`.
std::string read(const std::string& kind, const std::string& text,
                 const std::string& zone = "UTC") {
  const TimeReader reader(kind, zone);
  std::int64_t time_ns = 0;
  if (!reader.read(ExactBytes(text).view(), time_ns)) return "reject";
  std::string written;
  append_timestamp(time_ns, written);
  return written;
}

void expect_all(const std::string& kind, const std::vector<const char*>& texts,
                const std::string& expected, const std::string& zone = "UTC") {
  for (const char* text : texts) EXPECT_EQ(read(kind, text, zone), expected) << text;
}

std::string error_of(const std::string& kind, const std::string& zone = "UTC") {
  try {
    const TimeReader reader(kind, zone);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::configuration);
    return error.what();
  }
}

TEST(TimeReaderTest, TakesAllSpellingsOfRfc3339) {
  expect_all("rfc3339",
             {"2025-05-02T23:16:50Z", "2025-05-02t23:16:50z", "2025-05-02 23:16:50Z",
              "2025-05-02_23:16:50Z", "2025-05-02T23:16:50 Z", "2025-05-02T23:16:50UTC",
              "2025-05-02 23:16:50 UTC", "2025-05-02T23:16:50GMT", "2025-05-03T01:16:50+02:00",
              "2025-05-03T01:16:50+0200", "2025-05-03T01:16:50+02", "2025-05-03 01:16:50 +0200",
              "2025-05-02T17:46:50-05:30", "2025-05-02T23:16:50", "2025-05-02T23:16:50,000Z",
              "2025-05-02T23:16:50.0000000000000Z"},
             "2025-05-02T23:16:50Z");
}

TEST(TimeReaderTest, FractionsHoldUpToNineDigits) {
  EXPECT_EQ(read("rfc3339", "2025-05-02T23:16:50.2Z"), "2025-05-02T23:16:50.2Z");
  EXPECT_EQ(read("rfc3339", "2025-05-02T23:16:50.12345678Z"), "2025-05-02T23:16:50.12345678Z");
  EXPECT_EQ(read("rfc3339", "2025-05-02T23:16:50.123456789Z"), "2025-05-02T23:16:50.123456789Z");
  EXPECT_EQ(read("rfc3339", "2025-05-02 23:16:50,25+00:00"), "2025-05-02T23:16:50.25Z");
  EXPECT_EQ(read("rfc3339", "2025-05-02T23:16:50.1234567890Z"), "2025-05-02T23:16:50.123456789Z");
  EXPECT_EQ(read("rfc3339", "2025-05-02T23:16:50.1234567891Z"), "reject");
}

TEST(TimeReaderTest, RefusesTimesThatDoNotExist) {
  expect_all("rfc3339",
             {"2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2025-04-31", "2025-00-01",
              "2025-13-01T00:00:00Z", "2025-01-00T00:00:00Z", "2025-01-01T24:00:00Z",
              "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z", "1969-12-31T23:59:59Z",
              "2262-01-01T00:00:00Z", "2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00+00:60"},
             "reject");
  EXPECT_EQ(read("rfc3339", "2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(read("rfc3339", "2261-12-31T23:59:59-23:59"), "2262-01-01T23:58:59Z");
  EXPECT_EQ(read("rfc3339", "1970-01-01T00:00:00+00:01"), "1969-12-31T23:59:00Z");
}

TEST(TimeReaderTest, RefusesWhatIsNotOfTheForm) {
  expect_all("rfc3339",
             {"",
              "2",
              "2025-05-02T",
              "2025-05-02T23:16",
              "2025-05-02T23:16Z",
              "2025-05-02T23:16:50 ",
              "2025-05-02T23:16:50  Z",
              "2025-05-02T23:16:50.Z",
              "2025-05-02T23:16:50+2",
              "2025-05-02T23:16:50+02:",
              "2025-05-02T23:16:50+020",
              "2025-05-02T23:16:50ZZ",
              "2025-05-02T23:16:50utc",
              " 2025-05-02",
              "2025-05-02 ",
              "2025-5-2",
              "20250502T231650Z",
              "2025-05-02X23:16:50Z",
              "2025/05/02 23:16:50",
              "2025-05-02T23:16:50\xC3\xA9",
              "+025-05-02T23:16:50Z",
              "2025-05-02T23:1\xB6:50Z"},
             "reject");
}

TEST(TimeReaderTest, AClockGoingBackShowsATimeTwiceAndTheEarlierOneCounts) {
  EXPECT_EQ(read("rfc3339", "2025-10-26 02:30:00", "Europe/Berlin"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(read("rfc3339", "2025-10-26 02:59:59", "Europe/Berlin"), "2025-10-26T00:59:59Z");
  EXPECT_EQ(read("rfc3339", "2025-10-26 03:00:00", "Europe/Berlin"), "2025-10-26T02:00:00Z");
  EXPECT_EQ(read("auto", "2025-11-02 01:30:00", "America/New_York"), "2025-11-02T05:30:00Z");
}

TEST(TimeReaderTest, AClockGoingForwardNeverShowsTheTimesBetween) {
  EXPECT_EQ(read("rfc3339", "2025-03-30 01:59:59", "Europe/Berlin"), "2025-03-30T00:59:59Z");
  EXPECT_EQ(read("rfc3339", "2025-03-30 02:00:00", "Europe/Berlin"), "reject");
  EXPECT_EQ(read("rfc3339", "2025-03-30 02:30:00", "Europe/Berlin"), "reject");
  EXPECT_EQ(read("rfc3339", "2025-03-30 03:00:00", "Europe/Berlin"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(read("rfc3339", "2011-12-30 12:00:00", "Pacific/Apia"), "reject");
}

TEST(TimeReaderTest, ADateAloneIsItsMidnightInTheZone) {
  EXPECT_EQ(read("auto", "2025-05-02"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(read("auto", "2025-05-02", "Asia/Kathmandu"), "2025-05-01T18:15:00Z");
}

TEST(TimeReaderTest, AnOffsetInTheTextIsStrongerThanTheZone) {
  EXPECT_EQ(read("rfc3339", "2025-03-30 02:30:00Z", "Europe/Berlin"), "2025-03-30T02:30:00Z");
  EXPECT_EQ(read("rfc3339", "2025-03-30T02:30:00+02:00", "Europe/Berlin"), "2025-03-30T00:30:00Z");
}

TEST(TimeReaderTest, TakesTimesOfWebServers) {
  EXPECT_EQ(read("clf", "10/Oct/2025:13:55:36 -0700"), "2025-10-10T20:55:36Z");
  EXPECT_EQ(read("clf", "22/Jan/2019:03:29:59 +0330"), "2019-01-21T23:59:59Z");
  EXPECT_EQ(read("auto", "29/Feb/2024:00:00:00 +0000"), "2024-02-29T00:00:00Z");
  int month = 0;
  for (const std::string name :
       {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}) {
    const std::string number = std::to_string(101 + month++).substr(1);
    EXPECT_EQ(read("clf", "07/" + name + "/2025:01:02:03 +0000"),
              "2025-" + number + "-07T01:02:03Z");
  }
}

TEST(TimeReaderTest, RefusesOtherFormsOfWebServersTimes) {
  expect_all(
      "clf",
      {"10/oct/2025:13:55:36 -0700", "10/OCT/2025:13:55:36 -0700", "1/Oct/2025:13:55:36 -0700",
       "10/Oct/2025:13:55:36 -07:00", "10/Oct/2025:13:55:36 0700-", "10/Oct/2025:13:55:36 *0700",
       "10/Oct/2025:13:55:36 +2400", "10/Oct/2025:13:55:36 +0060", "31/Apr/2025:13:55:36 +0000",
       "00/Oct/2025:13:55:36 +0000", "10/Oct/1969:13:55:36 +0000", "10/Oct/2025:24:00:00 +0000",
       "10/Oct/2025:13:55:36 +000 ", "10/Ocu/2025:13:55:36 +0000",
       "10/\xCF\x63\x74/2025:13:55:36 +0000", "10-Oct-2025:13:55:36 +0000", "",
       "2025-05-02T23:16:50Z"},
      "reject");
}

TEST(TimeReaderTest, NumbersAreExact) {
  EXPECT_EQ(read("unix", "1693840791.7564995"), "2023-09-04T15:19:51.7564995Z");
  EXPECT_EQ(read("unix_ns", "1712790044995000000"), "2024-04-10T23:00:44.995Z");
  EXPECT_EQ(read("unix_ms", "1756494783340"), "2025-08-29T19:13:03.34Z");
  EXPECT_EQ(read("unix_us", "1756494783340001"), "2025-08-29T19:13:03.340001Z");
  EXPECT_EQ(read("unix_ms", "1756494783340.123456"), "2025-08-29T19:13:03.340123456Z");
  EXPECT_EQ(read("unix_ns", "9007199254740993"), "1970-04-15T05:59:59.254740993Z");
  EXPECT_EQ(read("unix", "0"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(read("unix", "00000000000000000000000001"), "1970-01-01T00:00:01Z");
  EXPECT_EQ(read("unix", "9214646399.999999999"), "2261-12-31T23:59:59.999999999Z");
  EXPECT_EQ(read("unix_ns", "1.000"), "1970-01-01T00:00:00.000000001Z");
}

TEST(TimeReaderTest, RefusesNumbersThatAreNoInstants) {
  expect_all("unix",
             {"", ".", "1.", ".5", "-1", "+1", "1e9", "1,5", " 1", "1 ", "9214646400",
              "99999999999999999999", "18446744073709551617", "1.0000000001", "0x10", "1.5.5"},
             "reject");
  expect_all("unix_ns", {"1.5", "9214646400000000000"}, "reject");
  EXPECT_EQ(read("unix_ms", "1.0000001"), "reject");
}

TEST(TimeReaderTest, AutoTellsNumbersByTheirSize) {
  EXPECT_EQ(read("", "1693840791.7564995"), "2023-09-04T15:19:51.7564995Z");
  EXPECT_EQ(read("auto", "1712790044995000000"), "2024-04-10T23:00:44.995Z");
  EXPECT_EQ(read("auto", "1756494783340"), "2025-08-29T19:13:03.34Z");
  EXPECT_EQ(read("auto", "1756494783340.5"), "2025-08-29T19:13:03.3405Z");
  EXPECT_EQ(read("auto", "1756494783340000"), "2025-08-29T19:13:03.34Z");
  EXPECT_EQ(read("auto", "100000000"), "1973-03-03T09:46:40Z");
  EXPECT_EQ(read("auto", "100000000000"), "1973-03-03T09:46:40Z");
  EXPECT_EQ(read("auto", "100000000000000"), "1973-03-03T09:46:40Z");
  EXPECT_EQ(read("auto", "100000000000000000"), "1973-03-03T09:46:40Z");
  expect_all("auto",
             {"99999999", "99999999.9", "9999999999", "10000000000", "99999999999",
              "10000000000000", "99999999999999", "10000000000000000", "99999999999999999",
              "10000000000000000000", "100000000000000000000"},
             "reject");
}

TEST(TimeReaderTest, AutoTakesNothingElse) {
  expect_all("auto", {"", "-", "now", "2025", "20250502", "10/Oct/2025", "Fri May 2 2025"},
             "reject");
}

TEST(TimeReaderTest, PatternsHaveTheDirectivesOfStrptime) {
  EXPECT_EQ(read("%d.%m.%Y %H:%M:%S", "2.5.2025 23:16:50"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S,%f", "2025-05-02 23:16:50,25"), "2025-05-02T23:16:50.25Z");
  EXPECT_EQ(read("%a %b %d %H:%M:%S %Y", "fri MAY  2 23:16:50 2025"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(read("%A, %B %d, %y", "Friday, may 02, 25"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(read("%B %d %Y", "Jun 02 2025"), "2025-06-02T00:00:00Z");
  EXPECT_EQ(read("%b %d %Y", "September 02 2025"), "2025-09-02T00:00:00Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M %p", "5/2/2025 11:16 PM"), "2025-05-02T23:16:00Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M %p", "5/2/2025 12:16 am"), "2025-05-02T00:16:00Z");
  EXPECT_EQ(read("%m/%d/%Y %I:%M%p", "5/2/2025 12:16pm"), "2025-05-02T12:16:00Z");
  EXPECT_EQ(read("%Y%m%d%H%M%S", "20250502231650"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(read("%d/%b/%Y:%H:%M:%S %z", "03/May/2025:01:16:50 +0200"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(read("%Y-%m-%dT%H:%M:%S%z", "2025-05-02T23:16:50Z"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(read("%Y-%m-%d %Z", "2025-05-02 GMT", "Asia/Tokyo"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(read("%y%%%m%%%d", "70%1%1"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(read("%Y-%m-%d  %H", "2025-05-02   7"), "2025-05-02T07:00:00Z");
  EXPECT_EQ(read("%Y-%m-%d %H", "2025-10-26 2", "Europe/Berlin"), "2025-10-26T00:00:00Z");
  EXPECT_EQ(read("%Y-%m-%d %H", "2025-03-30 2", "Europe/Berlin"), "reject");
}

TEST(TimeReaderTest, TextsThatAreNotOfThePatternAreRefused) {
  const std::string pattern = "%Y-%m-%d %H:%M:%S.%f";
  EXPECT_EQ(read(pattern, "2025-5-2 3:6:5.1"), "2025-05-02T03:06:05.1Z");
  expect_all(pattern,
             {"2025-05-02 23:16:50.", "2025-05-02 23:16:50.1 ", "2025-05-02 23:16:50.1234567890",
              "25-05-02 23:16:50.1", "2025-05-02 24:16:50.1", "2025-05-02 23:60:50.1",
              "2025-05-02 23:16:60.1", "2025-02-30 23:16:50.1", "2025-13-02 23:16:50.1",
              "2025-05-0223:16:50.1", "1969-05-02 23:16:50.1", "", "2025"},
             "reject");
  EXPECT_EQ(read("%Y-%m-%d %I %p", "2025-05-02 13 PM"), "reject");
  EXPECT_EQ(read("%Y-%m-%d %I %p", "2025-05-02 0 AM"), "reject");
  EXPECT_EQ(read("%y-%m-%d", "69-12-31"), "reject");
  EXPECT_EQ(read("%Y-%m-%d  %H", "2025-05-02 7"), "reject");
}

TEST(TimeReaderTest, PatternsThatMakeNoSenseAreErrors) {
  EXPECT_EQ(error_of("%Y-%d"), "time pattern '%Y-%d': has no month; add %m or %b");
  EXPECT_EQ(error_of("%m-%d"), "time pattern '%m-%d': has no year; add %Y or %y");
  EXPECT_EQ(error_of("%Y-%m"), "time pattern '%Y-%m': has no day; add %d");
  EXPECT_EQ(error_of("%Y%m%d%"),
            "time pattern '%Y%m%d%': ends with %; write %% for a percent sign");
  EXPECT_EQ(error_of("%Y%m%d %I"),
            "time pattern '%Y%m%d %I': %I needs %p; hours of 0 to 23 are %H");
  EXPECT_EQ(error_of("%Y%m%d %H%p"), "time pattern '%Y%m%d %H%p': %p needs %I");
  EXPECT_EQ(error_of("%Y %y%m%d"), "time pattern '%Y %y%m%d': tells the year twice, by %Y and %y");
  EXPECT_EQ(error_of("%s"),
            "time pattern '%s': unknown %s; there are %Y %y %m %b %B %d %H %I %p %M %S %f %z %Z %a "
            "%A %%");
}

TEST(TimeReaderTest, UnknownKindsAndZonesAreErrors) {
  EXPECT_EQ(error_of("unix_sm"),
            "unknown kind of time 'unix_sm'; use auto, rfc3339, clf, unix, unix_ms, unix_us, "
            "unix_ns or a pattern such as %Y-%m-%d %H:%M:%S; did you mean 'unix_ms'?");
  EXPECT_NE(error_of("rfc3339", "Europe/Berlni").find("unknown time zone"), std::string::npos);
  EXPECT_EQ(error_of(""), "");
}

TEST(TimeReaderTest, KindsAreKnownByNameOrByAPercentSign) {
  for (const char* kind : {"auto", "rfc3339", "clf", "unix", "unix_ms", "unix_us", "unix_ns", "%Y"})
    EXPECT_TRUE(is_time_kind(kind)) << kind;
  for (const char* text : {"", "s", "ms", "unix_", "UNIX", "first", "rfc"})
    EXPECT_FALSE(is_time_kind(text)) << text;
}

}  // namespace
}  // namespace billing
