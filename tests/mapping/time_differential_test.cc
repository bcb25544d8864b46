// Times as the reader takes them against regular expressions and Abseil's calendar and zones.

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <regex>

#include "mapping/exact_bytes.h"
#include "mapping/time_reader.h"
#include "sweep.h"

namespace billing {
namespace {

/// Nothing for a time that does not exist or that clocks of the zone skipped.
std::optional<std::int64_t> instant_ns(const std::vector<int>& fields, const std::string& fraction,
                                       const std::optional<int>& offset_s, absl::TimeZone zone) {
  const absl::CivilSecond civil(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
  const bool is_normal = civil.year() == fields[0] && civil.month() == fields[1] &&
                         civil.day() == fields[2] && civil.hour() == fields[3] &&
                         civil.minute() == fields[4] && civil.second() == fields[5];
  if (!is_normal || civil.year() < 1970 || civil.year() > 2261) return std::nullopt;
  if (fraction.find_first_not_of('0', std::min<std::size_t>(9, fraction.size())) !=
      std::string::npos) {
    return std::nullopt;
  }
  const std::int64_t fraction_ns = std::stoll((fraction + "000000000").substr(0, 9));
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  if (!offset_s && info.kind == absl::TimeZone::TimeInfo::SKIPPED) return std::nullopt;
  const absl::Time time =
      offset_s ? absl::UTCTimeZone().At(civil).pre - absl::Seconds(*offset_s) : info.pre;
  return absl::ToUnixSeconds(time) * 1'000'000'000 + fraction_ns;
}

/// Seconds of a sign, hours and minutes; nothing beyond 23:59.
std::optional<int> seconds_of(const std::string& sign, int hours, int minutes) {
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}

int number_of(const std::ssub_match& match) {
  return match.matched && match.length() > 0 ? std::stoi(match.str()) : 0;
}

std::optional<std::int64_t> slow_rfc3339(const std::string& text, absl::TimeZone zone) {
  static const std::regex kForm(
      "(\\d{4})-(\\d\\d)-(\\d\\d)"
      "(?:[Tt _](\\d\\d):(\\d\\d):(\\d\\d)(?:[.,](\\d+))?"
      "(?: ?(?:(Z|z|UTC|GMT)|([+-])(\\d\\d)(?::?(\\d\\d))?))?)?");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) return std::nullopt;
  std::vector<int> fields;
  for (std::size_t i = 1; i <= 6; ++i) fields.push_back(number_of(match[i]));
  std::optional<int> offset_s;
  if (match[8].matched) offset_s = 0;
  if (match[9].matched) {
    offset_s = seconds_of(match[9].str(), number_of(match[10]), number_of(match[11]));
    if (!offset_s) return std::nullopt;
  }
  return instant_ns(fields, match[7].str(), offset_s, zone);
}

std::optional<std::int64_t> slow_clf(const std::string& text) {
  static const std::regex kForm(
      "(\\d\\d)/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/"
      "(\\d{4}):(\\d\\d):(\\d\\d):(\\d\\d)"
      " ([+-])(\\d\\d)(\\d\\d)");
  std::smatch match;
  if (!std::regex_match(text, match, kForm)) return std::nullopt;
  const std::string months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const int month = static_cast<int>(months.find(match[2].str()) / 3) + 1;
  const auto offset_s = seconds_of(match[7].str(), number_of(match[8]), number_of(match[9]));
  if (!offset_s) return std::nullopt;
  return instant_ns({number_of(match[3]), month, number_of(match[1]), number_of(match[4]),
                     number_of(match[5]), number_of(match[6])},
                    "", offset_s, absl::UTCTimeZone());
}

class RandomTexts {
 public:
  explicit RandomTexts(int seed) : random_(static_cast<unsigned>(seed)) {}

  std::size_t below(std::size_t count) { return random_() % count; }

  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

  /// Mostly numbers that may stand there, else somewhat above.
  std::string number(std::size_t low, std::size_t count, std::size_t width) {
    const std::string digits = std::to_string(low + below(count + (below(20) == 0 ? 3 : 0)));
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
  }

  std::string clock() { return number(0, 24, 2) + ":" + number(0, 60, 2) + ":" + number(0, 60, 2); }

  std::string digits(std::size_t most) {
    std::string text;
    for (std::size_t left = 1 + below(most); left > 0; --left) text += std::to_string(below(10));
    return text;
  }

  std::string rfc3339() {
    std::string text = number(1970, 292, 4) + "-" + number(1, 12, 2) + "-" + number(1, 31, 2);
    if (below(20) == 0) return text;
    text += one_of({"T", "T", "T", " ", "t", "_"}) + clock();
    if (below(2) == 0) text += one_of({".", ".", ","}) + digits(below(4) == 0 ? 12 : 9);
    const std::string offset = one_of({"+", "-"}) + number(0, 24, 2);
    text += one_of({"Z", "Z", "Z", "", "", " Z", "z", "UTC", " GMT", " "});
    if (below(3) == 0) text += offset + one_of({"", ":", ""}) + number(0, 60, 2);
    return text;
  }

  std::string clf() {
    return number(1, 31, 2) + "/" +
           one_of({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                   "Dec"}) +
           "/" + number(1970, 292, 4) + ":" + clock() + " " + one_of({"+", "-"}) +
           number(0, 24, 2) + number(0, 60, 2);
  }

  /// One byte changed, left out or put in, or the text as it is.
  std::string mutated(std::string text) {
    const std::size_t at = below(text.size());
    const auto byte = static_cast<char>(
        below(2) == 0 ? below(256) : static_cast<unsigned char>(text[below(text.size())]));
    switch (below(6)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
      case 3:
        text[at] = static_cast<char>(text[at] ^ 1 << below(8));
        break;
      default:
        break;
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

std::optional<std::int64_t> read(const TimeReader& reader, const std::string& text) {
  std::int64_t time_ns = 0;
  if (!reader.read(ExactBytes(text).view(), time_ns)) return std::nullopt;
  return time_ns;
}

TEST(TimeDifferentialTest, Rfc3339IsWhatTheRegularExpressionTakes) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/St_Johns", "Africa/Casablanca"}) {
    const TimeReader reader("rfc3339", name);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    RandomTexts texts(1);
    int taken = 0;
    for (int i = 0; i < swept(20'000); ++i) {
      const std::string text = texts.mutated(texts.rfc3339());
      const auto expected = slow_rfc3339(text, zone);
      ASSERT_EQ(read(reader, text), expected) << text << " in " << name;
      taken += expected ? 1 : 0;
    }
    EXPECT_GT(taken, swept(20'000) / 4);
  }
}

TEST(TimeDifferentialTest, ClfIsWhatTheRegularExpressionTakes) {
  const TimeReader reader("clf", "UTC");
  RandomTexts texts(2);
  int taken = 0;
  for (int i = 0; i < swept(40'000); ++i) {
    const std::string text = texts.mutated(texts.clf());
    const auto expected = slow_clf(text);
    ASSERT_EQ(read(reader, text), expected) << text;
    taken += expected ? 1 : 0;
  }
  EXPECT_GT(taken, swept(40'000) / 4);
}

TEST(TimeDifferentialTest, AutoTakesEachFormAsItsOwnKindDoes) {
  const TimeReader any("auto", "Europe/Berlin");
  const TimeReader rfc3339("rfc3339", "Europe/Berlin");
  const TimeReader clf("clf", "Europe/Berlin");
  RandomTexts texts(3);
  for (int i = 0; i < swept(40'000); ++i) {
    const std::string text = texts.mutated(i % 2 == 0 ? texts.rfc3339() : texts.clf());
    const auto expected = read(rfc3339, text);
    ASSERT_EQ(read(any, text), expected ? expected : read(clf, text)) << text;
  }
}

TEST(TimeDifferentialTest, EveryDayOfTheYearsExistsOnce) {
  const TimeReader reader("rfc3339", "UTC");
  const TimeReader pattern("%Y-%m-%d", "UTC");
  for (int year = 1968; year <= 2263; ++year) {
    for (int month = 0; month <= 13; ++month) {
      for (int day = 0; day <= 32; ++day) {
        const auto two = [](int number) { return std::to_string(100 + number).substr(1); };
        const std::string date = std::to_string(year) + "-" + two(month) + "-" + two(day);
        const auto expected = instant_ns({year, month, day, 0, 0, 0}, "", 0, absl::UTCTimeZone());
        std::int64_t time_ns = 0;
        const bool is_taken = reader.read(date + "T00:00:00Z", time_ns);
        ASSERT_EQ(is_taken ? std::optional(time_ns) : std::nullopt, expected) << date;
        ASSERT_EQ(read(pattern, date), expected) << date;
      }
    }
  }
}

TEST(TimeDifferentialTest, LocalTimesAreAbseilsAroundEveryChangeOfAClock) {
  for (const char* name : {"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe",
                           "Africa/Casablanca", "Pacific/Apia", "Africa/Monrovia", "Asia/Gaza"}) {
    const LocalTime local{TimeZone(name)};
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    absl::Time time = absl::FromUnixSeconds(0);
    const absl::CivilSecond epoch(1970);
    for (absl::TimeZone::CivilTransition jump;
         zone.NextTransition(time, &jump) && jump.to < absl::CivilSecond(2261, 12, 1);) {
      time = zone.At(jump.to).post + absl::Seconds(1);  // behind the change, if shown twice
      for (int minutes = -180; minutes <= 180; minutes += 15) {
        for (const int second : {-1, 0}) {
          const absl::CivilSecond civil = jump.from + minutes * 60 + second;
          const absl::TimeZone::TimeInfo info = zone.At(civil);
          std::int64_t offset_s = 0;
          const bool is_shown = local.find_offset(civil - epoch, offset_s);
          ASSERT_EQ(is_shown, info.kind != absl::TimeZone::TimeInfo::SKIPPED)
              << name << ' ' << absl::FormatCivilTime(civil);
          if (!is_shown) continue;
          ASSERT_EQ(civil - epoch - offset_s, absl::ToUnixSeconds(info.pre))
              << name << ' ' << absl::FormatCivilTime(civil);
        }
      }
    }
  }
}

}  // namespace
}  // namespace billing
