using System.Xml;
using System.Xml.Linq;

namespace Fetcher.Tests.Reports;

/// <summary>
/// What a reader with a keyboard or a screen reader needs of a page, as far as its markup shows it: the rules of axe-core that our pages have broken, and
/// their kind.
/// </summary>
internal static class PageCheck
{
    /// <summary>Reads a page, which is XML too.</summary>
    public static XDocument Load(string page)
    {
        using var text = new StringReader(page);
        using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader);
    }

    /// <summary>What is wrong with it, a line each.</summary>
    public static IEnumerable<string> Problems(XDocument page)
    {
        foreach (var element in page.Descendants())
        {
            var name = element.Name.LocalName;
            if (name == "th" && element.Value.Length == 0)
            {
                yield return $"a table header without text: {element.Parent}";
            }
            else if ((name == "pre" || Classes(element).Contains("scroll")) && element.Attribute("tabindex") is null && !Classes(element).Contains("wrap"))
            {
                yield return $"the keyboard does not reach what can be scrolled: {Start(element)}";
            }
            else if (name == "svg" && (string?)element.Attribute("role") == "img" && string.IsNullOrEmpty((string?)element.Attribute("aria-label")))
            {
                yield return $"a picture without a label: {Start(element)}";
            }
            else if (name is "input" or "select" && !element.Ancestors("label").Any())
            {
                yield return $"a control without a label: {Start(element)}";
            }
        }

        foreach (var twice in page.Descendants().Attributes("id").GroupBy(id => id.Value).Where(ids => ids.Count() > 1))
        {
            yield return $"an id that is there twice: {twice.Key}";
        }

        var levels = page.Descendants().Select(element => element.Name.LocalName).Where(name => name is "h1" or "h2" or "h3").Select(name => name[1] - '0').ToArray();
        if (levels.FirstOrDefault() != 1 || levels.Zip(levels.Skip(1)).Any(pair => pair.Second > pair.First + 1) || page.Root!.Attribute("lang") is null)
        {
            yield return "headings that leave out a level, or no language";
        }
    }

    private static string[] Classes(XElement element) => ((string?)element.Attribute("class") ?? "").Split(' ');

    private static string Start(XElement element) => new XElement(element.Name, element.Attributes()).ToString();
}
