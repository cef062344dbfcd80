Console.WriteLine("fetcher");
