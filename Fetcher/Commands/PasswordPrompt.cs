using System.Text;

namespace Fetcher.Commands;

/// <summary>Asks for a password on the terminal, without showing it.</summary>
internal static class PasswordPrompt
{
    /// <summary>Asks on standard error and reads one line from the terminal on standard input.</summary>
    /// <exception cref="UsageException">Standard input is no terminal, or was ended before the line was.</exception>
    public static string Ask(string user)
    {
        if (Console.IsInputRedirected)
        {
            throw new UsageException($"-u {user} has no password, and there is no terminal to ask for it; give -u {user}:PASSWORD");
        }

        Console.Error.Write($"Password for {user}: ");
        var password = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    Console.Error.WriteLine();
                    return password.ToString();
                case ConsoleKey.D when key.Modifiers == ConsoleModifiers.Control:
                    Console.Error.WriteLine();
                    throw new UsageException($"no password was given for {user}");
                case ConsoleKey.Backspace:
                    password.Length -= password.Length > 0 ? 1 : 0;
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        password.Append(key.KeyChar);
                    }

                    break;
            }
        }
    }
}
