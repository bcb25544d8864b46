#include "naive/time_forms.h"

#include <gtest/gtest.h>

#include "base/civil_time.h"
#include "billing/error.h"

namespace billing::naive {
namespace {

std::string instant(const std::string& kind, const std::string& text,
                    const std::string& zone = "UTC") {
  const auto time_ns = make_time_form(kind)->parse_ns(text, LocalZone(zone, "input-timezone"));
  if (!time_ns) return "none";
  std::string told;
  append_timestamp(*time_ns, told);
  return told;
}

TEST(TimeForms, Rfc3339HasManySpellings) {
  const std::string same = "2025-05-02T23:16:50Z";
  for (const char* const text :
       {"2025-05-02T23:16:50Z", "2025-05-02t23:16:50z", "2025-05-02 23:16:50Z",
        "2025-05-02_23:16:50Z", "2025-05-02T23:16:50 Z", "2025-05-03T01:16:50+02:00",
        "2025-05-03T01:16:50 +0200", "2025-05-03T01:16:50+02", "2025-05-02T22:16:50-01",
        "2025-05-02 23:16:50 UTC", "2025-05-02T23:16:50GMT", "2025-05-02T23:16:50",
        "2025-05-02T23:16:50.0000000000000Z", "2025-05-02T23:16:50,0"}) {
    EXPECT_EQ(instant("rfc3339", text), same) << text;
    EXPECT_EQ(instant("auto", text), same) << text;
  }
  EXPECT_EQ(instant("rfc3339", "2025-05-02T23:16:50,123456789Z"), "2025-05-02T23:16:50.123456789Z");
  EXPECT_EQ(instant("rfc3339", "2025-05-02"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(instant("rfc3339", "1970-01-01T00:00:00+01:00"), "1969-12-31T23:00:00Z");
}

TEST(TimeForms, WhatRfc3339IsNot) {
  for (const char* const text : {"",
                                 "2025-05-02T",
                                 "2025-05-02T23:16",
                                 "2025-05-02T23:16Z",
                                 "2025-05-02T23:16:50.",
                                 "2025-05-02T23:16:50.Z",
                                 "2025-05-02T23:16:50.0000000001Z",
                                 "2025-05-02T23:16:50 ",
                                 "2025-05-02T23:16:50  Z",
                                 "2025-05-02T23:16:50utc",
                                 "2025-05-02T23:16:60Z",
                                 "2025-05-02T24:00:00Z",
                                 "2025-02-29T00:00:00Z",
                                 "1969-12-31T23:59:59Z",
                                 "2262-01-01T00:00:00Z",
                                 "2025-05-02T23:16:50+24:00",
                                 "2025-05-02T23:16:50+2",
                                 "2025-05-02T23:16:50+020",
                                 "2025-05-02T23:16:50ZZ",
                                 "25-05-02",
                                 " 2025-05-02",
                                 "2025-5-2",
                                 "2025-05-02/23:16:50Z",
                                 "2025-05-02Z"}) {
    EXPECT_EQ(instant("rfc3339", text), "none") << text;
    EXPECT_EQ(instant("auto", text), "none") << text;
  }
}

TEST(TimeForms, LocalTimesAreTheEarlierOfTwoAndNeverSkipped) {
  EXPECT_EQ(instant("rfc3339", "2025-10-26 02:30:00", "Europe/Berlin"), "2025-10-26T00:30:00Z");
  EXPECT_EQ(instant("rfc3339", "2025-03-30 02:30:00", "Europe/Berlin"), "none");
  EXPECT_EQ(instant("rfc3339", "2025-03-30", "Europe/Berlin"), "2025-03-29T23:00:00Z");
  EXPECT_EQ(instant("rfc3339", "2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00Z");
  EXPECT_EQ(instant("rfc3339", "2018-11-04 00:30:00", "America/Sao_Paulo"), "none");
  EXPECT_EQ(instant("rfc3339", "2011-12-30", "Pacific/Apia"), "none");
  EXPECT_THROW(LocalZone("Mars/Base", "timezone"), Error);
}

TEST(TimeForms, CommonLogTimesHaveOneSpelling) {
  EXPECT_EQ(instant("clf", "10/Oct/2025:13:55:36 -0700"), "2025-10-10T20:55:36Z");
  EXPECT_EQ(instant("auto", "22/Jan/2019:03:29:59 +0330"), "2019-01-21T23:59:59Z");
  for (const char* const text :
       {"10/oct/2025:13:55:36 -0700", "1/Oct/2025:13:55:36 -0700", "10/Oct/2025:13:55:36",
        "10/Oct/2025:13:55:36 -07:00", "31/Sep/2025:13:55:36 -0700", "10/Oct/2025:13:55:36 -0760",
        "10/Oct/2025 13:55:36 -0700", "10/Oct/2025:13:55:36 -0700 ", "10/Oct/2025:13:55:36 Z"}) {
    EXPECT_EQ(instant("clf", text), "none") << text;
  }
  EXPECT_EQ(instant("clf", "2025-05-02T23:16:50Z"), "none");
}

TEST(TimeForms, NumbersAreExact) {
  EXPECT_EQ(instant("unix", "1693840791.7564995"), "2023-09-04T15:19:51.7564995Z");
  EXPECT_EQ(instant("auto", "1693840791.7564995"), "2023-09-04T15:19:51.7564995Z");
  EXPECT_EQ(instant("auto", "1712790044995000000"), "2024-04-10T23:00:44.995Z");
  EXPECT_EQ(instant("auto", "1756494783340"), "2025-08-29T19:13:03.34Z");
  EXPECT_EQ(instant("auto", "1756494783340123"), "2025-08-29T19:13:03.340123Z");
  EXPECT_EQ(instant("auto", "0100000000"), "1973-03-03T09:46:40Z");
  EXPECT_EQ(instant("unix_ms", "1756494783340.123456"), "2025-08-29T19:13:03.340123456Z");
  EXPECT_EQ(instant("unix_us", "1756494783340123.4560"), "2025-08-29T19:13:03.340123456Z");
  EXPECT_EQ(instant("unix_ns", "1756494783340123456.0"), "2025-08-29T19:13:03.340123456Z");
  EXPECT_EQ(instant("unix", "0"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(instant("unix", "9214646399.999999999"), "2261-12-31T23:59:59.999999999Z");
}

TEST(TimeForms, NumbersThatAreNoTimes) {
  for (const char* const text : {"", "5.", ".5", "-1", "+1", "1e9", "1 ", "1.0000000001",
                                 "9214646400", "99999999999999999999", "0x1", "1,5"}) {
    EXPECT_EQ(instant("unix", text), "none") << text;
  }
  for (const char* const text : {"99999999", "10000000000", "99999999999", "10000000000000",
                                 "100000000000000000", "2025", "20250502"}) {
    const bool is_one = std::string(text) == "100000000000000000";
    EXPECT_EQ(instant("auto", text), is_one ? "1973-03-03T09:46:40Z" : "none") << text;
  }
  EXPECT_EQ(instant("unix_ns", "1.5"), "none");
}

TEST(TimeForms, PatternsReadWhatTheySay) {
  EXPECT_EQ(instant("%Y-%m-%d %H:%M:%S", "2025-5-2   3:04:5"), "2025-05-02T03:04:05Z");
  EXPECT_EQ(instant("%d.%m.%y %H:%M", "02.05.25 23:16"), "2025-05-02T23:16:00Z");
  EXPECT_EQ(instant("%d %b %Y %I:%M %p", "2 mAy 2025 12:05 am"), "2025-05-02T00:05:00Z");
  EXPECT_EQ(instant("%d %B %Y %I %p", "2 Sep 2025 12 PM"), "2025-09-02T12:00:00Z");
  EXPECT_EQ(instant("%a, %d %b %Y %H:%M:%S %Z", "Friday, 02 May 2025 23:16:50 GMT"),
            "2025-05-02T23:16:50Z");
  EXPECT_EQ(instant("%Y%m%dT%H%M%S.%f%z", "20250502T231650.25+0200"), "2025-05-02T21:16:50.25Z");
  EXPECT_EQ(instant("%d/%m/%Y %z", "02/05/2025 Z"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(instant("%%%d/%m/%Y", "%02/05/2025"), "2025-05-02T00:00:00Z");
  EXPECT_EQ(instant("%y%m%d", "700102"), "1970-01-02T00:00:00Z");
  EXPECT_EQ(instant("%Y-%m-%d %H", "2025-05-02 01", "Europe/Berlin"), "2025-05-01T23:00:00Z");
}

TEST(TimeForms, PatternsThatDoNotFit) {
  EXPECT_EQ(instant("%Y-%m-%d", "25-05-02"), "none");
  EXPECT_EQ(instant("%Y-%m-%d", "2025-13-02"), "none");
  EXPECT_EQ(instant("%Y-%m-%d", "2025-02-30"), "none");
  EXPECT_EQ(instant("%Y-%m-%d", "2025-05-02 "), "none");
  EXPECT_EQ(instant("%Y %m %d", "2025-05-02"), "none");
  EXPECT_EQ(instant("%y%m%d", "690102"), "none");
  EXPECT_EQ(instant("%Y-%m-%d %f", "2025-05-02 1234567890"), "none");
  EXPECT_EQ(instant("%Y-%m-%d %I %p", "2025-05-02 13 PM"), "none");
  EXPECT_EQ(instant("%Y-%m-%d %H:%M:%S", "2025-05-02 23:59:60"), "none");
  for (const char* const pattern :
       {"%Y-%m", "%m-%d", "%Y %d", "%Y-%m-%d %I", "%Y-%m-%d %Q", "%Y%"}) {
    EXPECT_THROW(make_time_form(pattern), Error) << pattern;
  }
}

}  // namespace
}  // namespace billing::naive
