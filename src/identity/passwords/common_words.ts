/**
 * Words that common passwords are made of, as they are once digits, signs and case are taken away. What
 * consists of one of them (or of one over and over) is tried first by whoever guesses.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  (
    "abc abcd admin administrator adminpassword america android apple asdf asdfgh asdfghjk asdfghjkl " +
    "asdfghjklzxcvbnm babygirl baseball basketball batman beautiful blink butterfly changeit changeme " +
    "changemenow charlie chocolate computer correcthorsebatterystaple dallas daniel default demo " +
    "development donald dragon email england eminem facebook flower football forever freedom friends " +
    "fuckyou galaxy gateway gfhjkm ginger girls google governance guest hannah harley hello helloworld " +
    "hunter iamgod iloveu iloveyou iloveyousomuch internet iphone jennifer jessica jesus jesuschrist " +
    "jordan killer letmein letmeinnow letmeinplease linkedin liverpool lovely loveme loveyou login " +
    "manchester manchesterunited master matrix matthew michael michelle microsoft monkey mustang " +
    "mypassword myspace naruto nicole ninja nothing nopassword operator opensesame p passphrase passw " +
    "password passwordpassword passwort pokemon postgres princess private purple pussycat q qazwsx " +
    "qazwsxedc qazwsxedcrfv qq qwe qwer qwerasdf qwert qwerty qwertyqwerty qwertyui qwertyuiop " +
    "qwertyuiopasdfghjkl qwertz qwertzuiop root samantha samsung secret secretpassword security server " +
    "service shadow soccer spgov spiderman starwars steelers summer sunshine superadmin superman " +
    "supersecret superuser support system temppassword temporary test tester testing testpassword " +
    "thankyou thisisapassword thisismypassword thomas tigger trustno trustnoone unknown user username " +
    "welcome welcomeback welcomehome whatever william winter yankees zaq zxc zxcv zxcvbn zxcvbnm"
  ).split(" "),
);
