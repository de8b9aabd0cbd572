#include "daemon/settings_file.h"

#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <string>

namespace hub::daemon {

// For failed expectations, and for comparing whole lines.
bool operator==(const Setting& a, const Setting& b) {
    return a.key == b.key && a.value == b.value && a.origin == b.origin;
}
void PrintTo(const Setting& setting, std::ostream* out) {
    *out << setting.origin << " " << setting.key << "=" << setting.value;
}

namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusalOf(std::string_view text) {
    try {
        (void)parseSettings(text, "hubd.properties");
        return "";
    } catch (const SettingsError& error) {
        return error.what();
    }
}

TEST(SettingsFile, ReadsKeysWithTheirLines) {
    EXPECT_THAT(parseSettings("# a hub\n\nhub.port = 80\n  ws.timeout=90  \n", "f"),
                ElementsAre(Setting{"hub.port", "80", "f:3"}, Setting{"ws.timeout", "90", "f:4"}));
}

TEST(SettingsFile, KeepsAValueAsItStands) {
    EXPECT_THAT(parseSettings(R"(a = C:\n "x" = ${y} # z)", "f"),
                ElementsAre(Setting{"a", R"(C:\n "x" = ${y} # z)", "f:1"}));
}

TEST(SettingsFile, AValueMayBeEmpty) {
    EXPECT_THAT(parseSettings("a =\nb=", "f"),
                ElementsAre(Setting{"a", "", "f:1"}, Setting{"b", "", "f:2"}));
}

TEST(SettingsFile, TakesLinesOfOtherSystems) {
    EXPECT_THAT(parseSettings("a = 1\r\n\r\nb = 2\r\n", "f"),
                ElementsAre(Setting{"a", "1", "f:1"}, Setting{"b", "2", "f:3"}));
}

TEST(SettingsFile, AnEmptyFileSetsNothing) {
    EXPECT_THAT(parseSettings("", "f"), IsEmpty());
    EXPECT_THAT(parseSettings("# only a comment", "f"), IsEmpty());
}

TEST(SettingsFile, NamesTheLineThatIsNone) {
    const std::string rule = ": a line is `key = value`, or begins with `#`";
    EXPECT_EQ(refusalOf("a = 1\nhub.port 80"), "hubd.properties:2" + rule);
    EXPECT_EQ(refusalOf("= 80"), "hubd.properties:1" + rule);
    EXPECT_EQ(refusalOf("hub port = 80"), "hubd.properties:1" + rule);
    EXPECT_EQ(refusalOf(std::string_view("\0 = 1", 5)), "hubd.properties:1" + rule);
}

TEST(SettingsFile, RefusesAKeyThatStandsTwice) {
    EXPECT_EQ(refusalOf("a = 1\nb = 2\na = 1"),
              "hubd.properties:3: \"a\" stands already at hubd.properties:1; keep one of them");
}

class SettingsFileOnDisk : public testing::Test {
protected:
    std::string refusal(const std::string& name) {
        try {
            (void)readSettingsFile(directory_.path() / name);
            return "";
        } catch (const SettingsError& error) {
            return error.what();
        }
    }
    void write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = directory_.path() / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    Setting setting(const std::string& key, const std::string& value, const std::string& place) {
        return {key, value, (directory_.path() / place).string()};
    }

    fakes::TemporaryFolder directory_;
};

TEST_F(SettingsFileOnDisk, IsReadWhole) {
    write("f", "hub.port = 80\n");
    EXPECT_THAT(readSettingsFile(directory_.path() / "f"),
                ElementsAre(Setting{"hub.port", "80", (directory_.path() / "f").string() + ":1"}));
}

TEST_F(SettingsFileOnDisk, MissingIsRefusedWithItsName) {
    EXPECT_THAT(refusal("missing"), HasSubstr("/missing: No such file or directory"));
}

TEST_F(SettingsFileOnDisk, AFolderIsRefused) {
    EXPECT_THAT(refusal(""), EndsWith("/: it is no regular file"));
}

TEST_F(SettingsFileOnDisk, APipeIsRefused) {
    write("f", "");
    write("conf.d/a.properties", "");
    const std::filesystem::path pipe = directory_.path() / "conf.d" / "b.properties";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    try {
        (void)readSettingsFiles(directory_.path() / "f");
        FAIL() << "it would be waited for";
    } catch (const SettingsError& error) {
        EXPECT_EQ(error.what(), "cannot read the configuration file " + pipe.string() +
                                    ": it is no regular file");
    }
    EXPECT_THAT(refusal("conf.d/b.properties"), EndsWith(": it is no regular file"));
}

TEST_F(SettingsFileOnDisk, DropInsFollowInTheOrderOfTheirNames) {
    write("f", "hub.port = 80\n");
    write("conf.d/20-b.properties", "hub.port = 82\n");
    write("conf.d/10-Z.properties", "hub.port = 81\nws.timeout = 9\n");
    write("conf.d/9.properties", "hub.port = 83\n");
    EXPECT_THAT(readSettingsFiles(directory_.path() / "f"),
                ElementsAre(setting("hub.port", "80", "f:1"),
                            setting("hub.port", "81", "conf.d/10-Z.properties:1"),
                            setting("ws.timeout", "9", "conf.d/10-Z.properties:2"),
                            setting("hub.port", "82", "conf.d/20-b.properties:1"),
                            setting("hub.port", "83", "conf.d/9.properties:1")));
}

TEST_F(SettingsFileOnDisk, OnlyPropertiesAreDropIns) {
    write("f", "");
    for (const char* name : {"README", "a.properties~", ".b.properties", "c.properties.bak"}) {
        write(std::string("conf.d/") + name, "this is no setting\n");
    }
    EXPECT_THAT(readSettingsFiles(directory_.path() / "f"), IsEmpty());
}

TEST_F(SettingsFileOnDisk, ABadDropInIsRefusedWithItsPlace) {
    write("f", "hub.port = 80\n");
    write("conf.d/a.properties", "\nhub.port 81\n");
    try {
        (void)readSettingsFiles(directory_.path() / "f");
        FAIL() << "its second line is none";
    } catch (const SettingsError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/conf.d/a.properties:2: a line is `key = value`"));
    }
}

TEST_F(SettingsFileOnDisk, AFileInThePlaceOfTheDropInsIsRefused) {
    write("f", "hub.port = 80\n");
    write("conf.d", "");
    EXPECT_THROW((void)readSettingsFiles(directory_.path() / "f"), SettingsError);
}

TEST_F(SettingsFileOnDisk, AHugeOneIsRefused) {
    write("huge", std::string(1024 * 1024 + 1, '#'));
    EXPECT_THAT(refusal("huge"), HasSubstr("longer than 1 MiB"));
    write("large", std::string(1024 * 1024, '#'));
    EXPECT_EQ(refusal("large"), "");
}

}  // namespace
}  // namespace hub::daemon
